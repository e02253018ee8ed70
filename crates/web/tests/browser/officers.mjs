// The journeys of an office, role by role, on one practice site: a dossier from the counter to the list,
// what can happen to it on the way, life after the decision, and every page looked at with axe and weighed.
import { clerk, leader, officerProposes, officerTakesUp, recordsClerk } from "./counter.mjs";
import { apology, complaint, refusal, supplement, withdrawal } from "./detours.mjs";
import { citizenSees, decidedIsPaid } from "./lists.mjs";
import { administrator, auditor, oneStop, reader } from "./accounts.mjs";
import { everyPage } from "./everyPage.mjs";
import { death, juneOfAll, moveIsTaken, moveIsTold, newAmounts, undo } from "./life.mjs";
import { openSite } from "./site.mjs";
import { openVisitors } from "./visitors.mjs";

const site = await openSite({ dossiers: true });
const visitors = await openVisitors(site);
const at = { site, visitors, found: {} };

try {
  await clerk(at);
  await officerTakesUp(at);
  await site.moveTo("2024-05-22");
  await officerProposes(at);
  await leader(at);
  await recordsClerk(at);
  await decidedIsPaid(at);
  await citizenSees(at);
  await refusal(at);
  await complaint(at);
  await withdrawal(at);
  await supplement(at);
  await apology(at);
  await moveIsTold(at);
  await site.moveTo("2024-06-10");
  await moveIsTaken(at);
  await death(at);
  await undo(at);
  await juneOfAll(at);
  await site.moveTo("2024-07-10");
  await newAmounts(at);
  await reader(at);
  await administrator(at);
  await auditor(at);
  await oneStop(at);
  await everyPage(at);
  visitors.tell();
} catch (error) {
  // What whoever failed had in front of them.
  for (const page of visitors.browser.contexts().flatMap((context) => context.pages())) {
    console.error(page.url(), await page.locator("main").innerText());
  }
  throw error;
} finally {
  await visitors.browser.close();
  await site.close();
}
