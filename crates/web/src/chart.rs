//! A line over months, drawn on the server as SVG. The table beside it says the same in numbers.

use std::fmt::Write;

/// Size of the drawing and what is left free around it for words.
const WIDTH: i64 = 640;
const HEIGHT: i64 = 180;
const LEFT: i64 = 24;
const RIGHT: i64 = 24;
const TOP: i64 = 28;
const BOTTOM: i64 = 28;

/// A point: its label under the line, its value, and the value in words.
pub(crate) struct Point {
    pub label: String,
    pub value: i64,
    pub shown: String,
}

/// The line from the first point to the last, with the height of zero as its foot; empty when there
/// are fewer than two. `title` is read aloud in its place.
pub(crate) fn line(title: &str, points: &[Point]) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    if points.len() < 2 {
        return String::new();
    }
    let highest = points.iter().map(|point| point.value).max().unwrap_or(0);
    let across = |at: usize| {
        let steps = points.len() as i64 - 1;
        LEFT + (WIDTH - LEFT - RIGHT) * at as i64 / steps
    };
    let up = |value: i64| {
        let room = HEIGHT - TOP - BOTTOM;
        HEIGHT - BOTTOM - room * value.max(0) / highest.max(1)
    };
    let foot = HEIGHT - BOTTOM;
    let mut svg = String::with_capacity(1024);
    let title = escaped(title);
    // Writing to a string does not fail.
    let _ = write!(
        svg,
        r##"<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}: {} đến {}"><line x1="{LEFT}" y1="{foot}" x2="{}" y2="{foot}" stroke="#6b7681"/><polyline fill="none" stroke="#0b4f8a" stroke-width="3" points=""##,
        escaped(&format!("{} {}", first.label, first.shown)),
        escaped(&format!("{} {}", last.label, last.shown)),
        WIDTH - RIGHT,
    );
    for (at, point) in points.iter().enumerate() {
        let _ = write!(svg, "{},{} ", across(at), up(point.value));
    }
    svg.push_str(r#""/>"#);
    for (at, point) in points.iter().enumerate() {
        let (x, y) = (across(at), up(point.value));
        let _ = write!(svg, r##"<circle cx="{x}" cy="{y}" r="4" fill="#0b4f8a"/>"##);
        let anchor = match at {
            0 => "start",
            at if at + 1 == points.len() => "end",
            _ => "middle",
        };
        if anchor != "middle" || points.len() <= 7 {
            let text = |y: i64, words: &str| {
                format!(
                    r##"<text x="{x}" y="{y}" font-size="14" text-anchor="{anchor}" fill="#131a22">{}</text>"##,
                    escaped(words)
                )
            };
            svg.push_str(&text(y - 10, &point.shown));
            svg.push_str(&text(HEIGHT - 8, &point.label));
        }
    }
    svg.push_str("</svg>");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Point, line};

    fn points(values: &[i64]) -> Vec<Point> {
        let point = |(at, value): (usize, &i64)| Point {
            label: format!("0{}/2024", at + 1),
            value: *value,
            shown: value.to_string(),
        };
        values.iter().enumerate().map(point).collect()
    }

    #[test]
    fn a_line_goes_through_its_points_from_the_foot_to_the_top() {
        let svg = line("Chi <qua> tài khoản", &points(&[0, 50, 100]));
        assert!(svg.contains(r#"points="24,152 320,90 616,28 ""#), "{svg}");
        assert!(svg.contains("Chi &lt;qua&gt; tài khoản: 01/2024 0 đến 03/2024 100"));
    }

    #[test]
    fn one_month_is_no_line() {
        assert_eq!(line("x", &points(&[5])), "");
        assert_eq!(line("x", &[]), "");
        assert!(line("x", &points(&[0, 0])).contains("24,152 616,152"));
    }
}
