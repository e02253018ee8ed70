// Comfort only: every page works without this file.
(function () {
  "use strict";
  var keys = true;
  try { keys = localStorage.getItem("phim-tat") !== "tat"; } catch (e) { /* private mode */ }

  // "/" goes to the search box, j and k walk the rows of a table. Can be switched off on /tro-giup.
  document.addEventListener("keydown", function (event) {
    if (!keys || event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.key === "/") {
      var box = document.querySelector("input[type=search]");
      event.preventDefault();
      if (box) box.focus(); else location.href = "/tim";
    }
    if (event.key === "j" || event.key === "k") {
      var links = [].slice.call(document.querySelectorAll("tbody tr a:first-of-type"));
      var next = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
      if (links[next]) links[next].focus();
    }
  });

  var choice = document.getElementById("phim-tat");
  if (choice) {
    choice.hidden = false;
    var tick = choice.querySelector("input");
    tick.checked = keys;
    tick.addEventListener("change", function () {
      keys = tick.checked;
      try { localStorage.setItem("phim-tat", keys ? "bat" : "tat"); } catch (e) { /* private mode */ }
    });
  }

  var printers = document.querySelectorAll("button[data-in]");
  [].forEach.call(printers, function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // A second click while the first is on its way does nothing.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 8000);
  });

  // Five minutes before the session ends, say so and offer to go on.
  var idle = Number(document.body.dataset.idle);
  function warn() {
    var notice = document.createElement("div");
    notice.id = "idle";
    notice.setAttribute("role", "alert");
    notice.textContent = "Phiên làm việc sẽ hết hạn sau 5 phút. ";
    var go = document.createElement("button");
    go.type = "button";
    go.textContent = "Tiếp tục làm việc";
    go.addEventListener("click", function () {
      fetch("/con-lam-viec", { cache: "no-store" }).then(function () {
        notice.remove();
        setTimeout(warn, (idle - 300) * 1000);
      });
    });
    notice.appendChild(go);
    document.body.appendChild(notice);
  }
  if (idle) setTimeout(warn, (idle - 300) * 1000);

  var summary = document.querySelector(".summary");
  if (summary) summary.focus();
})();
