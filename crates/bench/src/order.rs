//! How long it takes to put plugins in order: 10,000 of them beside 1,000, for graphs of every kind.
//!
//! The time belongs to what is needed, so it is told for each plugin and need together. That it hardly grows from the
//! smaller graph to the larger is what is promised; a table of names costs a little more the more there are.

use crate::median;
use anyhow::{Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use plughold::order::{Need, Node, order};
use semver::VersionReq;
use std::time::{Duration, Instant};

/// Plugins of the smaller and of the larger graph.
const SIZES: [usize; 2] = [1_000, 10_000];

/// How often each graph is put in order. Odd, so that the median is one of them.
const ROUNDS: usize = 9;

/// The most that the time for one plugin or need may grow by. Ten would be a time that grows with the square; what is
/// left above one is the depth of the table of names, and memory that is not in the nearest cache any more.
const MOST: f64 = 4.0;

/// What the graphs look like.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Each needs up to eight that come before it, here and there.
    Scattered,
    /// Each needs the one before it.
    Chain,
    /// All need the first.
    Star,
    /// The last needs all.
    Crown,
    /// Layers of 50, each of which needs all of the layer before.
    Layers,
    /// A chain whose end needs its beginning: nobody can start.
    Circle,
    /// A chain whose beginning needs what is not there: nobody can start.
    Missing,
}

impl Shape {
    const ALL: [Shape; 7] = [
        Shape::Scattered,
        Shape::Chain,
        Shape::Star,
        Shape::Crown,
        Shape::Layers,
        Shape::Circle,
        Shape::Missing,
    ];

    fn words(self) -> &'static str {
        match self {
            Shape::Scattered => "each needs up to eight others",
            Shape::Chain => "each needs the one before",
            Shape::Star => "all need one",
            Shape::Crown => "one needs all",
            Shape::Layers => "layers of 50, each needs 50",
            Shape::Circle => "one circle of all",
            Shape::Missing => "a chain that needs what is not there",
        }
    }

    /// What each of `count` plugins needs, by place. The place `count` is nobody's.
    fn needs(self, count: usize) -> Vec<Vec<usize>> {
        const LAYER: usize = 50;
        let before = |place: usize| place.checked_sub(1).into_iter().collect();
        let needs = |place: usize| match self {
            Shape::Scattered => {
                let step =
                    |number: usize| place.wrapping_mul(2_654_435_761).wrapping_add(number * 40_503) >> 7;
                (0..place.min(8)).map(|number| step(number) % place).collect()
            }
            Shape::Chain => before(place),
            Shape::Star if 0 < place => vec![0],
            Shape::Crown if place + 1 == count => (0..place).collect(),
            Shape::Star | Shape::Crown => Vec::new(),
            Shape::Layers => {
                let layer = place - place % LAYER;
                (layer.saturating_sub(LAYER)..layer).collect()
            }
            Shape::Circle => vec![(place + count - 1) % count],
            Shape::Missing if place == 0 => vec![count],
            Shape::Missing => before(place),
        };
        (0..count).map(needs).collect()
    }

    /// Whether nobody can start.
    fn is_stuck(self) -> bool {
        matches!(self, Shape::Circle | Shape::Missing)
    }
}

/// One graph and the time that it took.
struct Row {
    shape: Shape,
    /// Plugins and needs.
    elements: [usize; 2],
    time: [Duration; 2],
}

impl Row {
    fn nanoseconds_each(&self) -> [f64; 2] {
        let [small, large] =
            [0, 1].map(|size| self.time[size].as_secs_f64() * 1e9 / self.elements[size] as f64);
        [small, large]
    }

    fn growth(&self) -> f64 {
        let [small, large] = self.nanoseconds_each();
        large / small.max(f64::EPSILON)
    }
}

/// Measures every shape and prints the table.
///
/// # Errors
/// An order that is wrong, or a time that grows faster than what is put in order.
pub(crate) fn run(as_json: bool) -> Result<()> {
    let rows = Shape::ALL.into_iter().map(measure).collect::<Result<Vec<_>>>()?;
    print(&rows, as_json);
    match rows.iter().find(|row| MOST < row.growth()) {
        Some(row) => {
            bail!("{}: {:.1} times as long for each, at most {MOST}", row.shape.words(), row.growth())
        }
        None => Ok(()),
    }
}

fn measure(shape: Shape) -> Result<Row> {
    let (mut elements, mut time) = ([0; 2], [Duration::ZERO; 2]);
    for (size, count) in SIZES.into_iter().enumerate() {
        let needs = shape.needs(count);
        let ids: Vec<String> = (0..=count).map(|place| format!("plugin-{place:05}")).collect();
        let nodes = nodes(&ids, &needs);
        elements[size] = count + needs.iter().map(Vec::len).sum::<usize>();
        time[size] = median((0..ROUNDS).map(|_| time_of(shape, &nodes)).collect::<Result<_>>()?);
    }
    Ok(Row { shape, elements, time })
}

fn nodes<'n>(ids: &'n [String], needs: &[Vec<usize>]) -> Vec<Node<'n>> {
    const ANY: &VersionReq = &VersionReq::STAR;
    let need = |place: &usize| ids.get(*place).map(|id| Need { id, range: ANY });
    let node = |(id, needs): (&'n String, &Vec<usize>)| Node {
        id,
        version: "1.0.0",
        needs: needs.iter().filter_map(need).collect(),
    };
    ids.iter().zip(needs).map(node).collect()
}

fn time_of(shape: Shape, nodes: &[Node<'_>]) -> Result<Duration> {
    let start = Instant::now();
    let found = order(nodes);
    let time = start.elapsed();
    let placed = found.waves.iter().map(Vec::len).sum::<usize>();
    let expected = if shape.is_stuck() { 0 } else { nodes.len() };
    if placed != expected || placed + found.unmet.len() != nodes.len() {
        bail!("{}: {placed} of {} have a place", shape.words(), nodes.len());
    }
    Ok(time)
}

#[allow(clippy::print_stdout, reason = "the table is what this program is for")]
fn print(rows: &[Row], as_json: bool) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    if as_json {
        let graphs: Vec<_> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "graph": row.shape.words(),
                    "plugins": SIZES,
                    "plugins_and_needs": row.elements,
                    "milliseconds": row.time.map(milliseconds),
                    "nanoseconds_each": row.nanoseconds_each(),
                    "ratio": row.growth(),
                })
            })
            .collect();
        println!("{}", serde_json::json!({ "schema": 1, "order": graphs }));
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["plugins in order", "needs", "ms, 1,000", "ms, 10,000", "ns each", "ns each", "ratio"]);
    for row in rows {
        let [small, large] = row.nanoseconds_each();
        table.add_row([
            row.shape.words().to_owned(),
            (row.elements[1] - SIZES[1]).to_string(),
            format!("{:.3}", milliseconds(row.time[0])),
            format!("{:.3}", milliseconds(row.time[1])),
            format!("{small:.0}"),
            format!("{large:.0}"),
            format!("{:.2}", row.growth()),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_put_in_order_as_it_has_to_be() {
        for shape in Shape::ALL {
            let needs = shape.needs(200);
            let ids: Vec<String> = (0..=200).map(|place| format!("p{place}")).collect();
            assert!(time_of(shape, &nodes(&ids, &needs)).is_ok(), "{shape:?}");
        }
    }
}
