//! Curves over the number of calls, as a picture that every browser shows.

use std::fmt::Write;

/// Width and height of one panel, in pixels, without what stands around it.
const SIZE: (f64, f64) = (640.0, 180.0);

/// Room for numbers and names around a panel.
const MARGIN: f64 = 48.0;

const COLOURS: [&str; 3] = ["#2c6fbb", "#c4452d", "#4b8b3b"];

/// Some curves with one unit.
pub(crate) struct Panel<'a> {
    /// What the numbers are.
    pub(crate) unit: &'a str,
    /// A name and a value for each sample.
    pub(crate) curves: Vec<(&'a str, Vec<f64>)>,
}

/// The panels below each other, each from zero to its highest value, over samples that end at `calls`.
pub(crate) fn svg(panels: &[Panel], calls: u64) -> String {
    let (width, height) = (SIZE.0 + 2.0 * MARGIN, (SIZE.1 + MARGIN) * panels.len() as f64 + MARGIN);
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (number, panel) in panels.iter().enumerate() {
        let top = MARGIN / 2.0 + (SIZE.1 + MARGIN) * number as f64;
        picture.push_str(&draw(panel, top));
    }
    let _always_ok = writeln!(
        picture,
        "{}\n</svg>",
        text(MARGIN + SIZE.0, height - 12.0, "end", &format!("{calls} calls"))
    );
    picture
}

fn draw(panel: &Panel, top: f64) -> String {
    let values = panel.curves.iter().flat_map(|(_, values)| values);
    let most = values.copied().fold(f64::EPSILON, f64::max);
    let (left, bottom) = (MARGIN, top + SIZE.1);
    let mut drawn =
        format!("<path d=\"M{left} {top}V{bottom}H{}\" stroke=\"#888\" fill=\"none\"/>\n", left + SIZE.0);
    drawn.push_str(&text(left - 4.0, top + 4.0, "end", &format!("{most:.0}")));
    drawn.push_str(&text(left - 4.0, bottom, "end", "0"));
    for (index, (name, values)) in panel.curves.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let step = SIZE.0 / values.len().saturating_sub(1).max(1) as f64;
        let points = values.iter().enumerate().map(|(at, value)| {
            format!("{:.1},{:.1}", left + step * at as f64, bottom - SIZE.1 * value / most)
        });
        let points = points.collect::<Vec<_>>().join(" ");
        let _always_ok = writeln!(drawn, "<polyline points=\"{points}\" stroke=\"{colour}\" fill=\"none\"/>");
        let legend = format!("<tspan fill=\"{colour}\">{name}, {}</tspan>", panel.unit);
        drawn.push_str(&text(left + 8.0 + 200.0 * index as f64, top - 4.0, "start", &legend));
    }
    drawn
}

fn text(x: f64, y: f64, anchor: &str, words: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_value_is_at_the_top_and_zero_at_the_bottom() {
        let curves = vec![("host", vec![0.0, 50.0, 100.0])];
        let picture = svg(&[Panel { unit: "KiB", curves }], 7);
        assert!(picture.contains("points=\"48.0,204.0 368.0,114.0 688.0,24.0\""), "{picture}");
        assert!(picture.contains(">host, KiB<") && picture.contains(">7 calls<"), "{picture}");
        // A curve of one sample, or of nothing but zeros, is still a picture.
        let curves = vec![("flat", vec![0.0])];
        assert!(!svg(&[Panel { unit: "µs", curves }], 0).contains("NaN"));
    }
}
