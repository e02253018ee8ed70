//! The best assignment: every record in at most one pair, so that the pairs kept are together the
//! likeliest.

use std::collections::{BTreeMap, HashMap, HashSet};

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

use crate::pair::Pair;

/// Records of one list that hang together by pairs; larger knots are untied pair by pair, the
/// likeliest first.
const KNOT: usize = 120;

/// Of pairs between two lists, those of the best assignment.
pub(crate) fn between_lists(pairs: Vec<Pair>) -> Vec<Pair> {
    let mut kept = Vec::with_capacity(pairs.len());
    for knot in knots(pairs) {
        kept.extend(match knot.len() {
            1 => knot,
            _ => untie(knot),
        });
    }
    kept
}

/// Of pairs within one list, the likeliest first, each record once.
pub(crate) fn likeliest_first(mut pairs: Vec<Pair>, one_list: bool) -> Vec<Pair> {
    pairs.sort_unstable_by(|one, other| {
        let by_score = other.score.total_cmp(&one.score);
        by_score.then((one.left, one.right).cmp(&(other.left, other.right)))
    });
    let (mut left, mut right) = (HashSet::new(), HashSet::new());
    pairs.retain(|pair| {
        let taken = left.contains(&pair.left)
            || right.contains(&pair.right)
            || (one_list && (left.contains(&pair.right) || right.contains(&pair.left)));
        if !taken {
            left.insert(pair.left);
            right.insert(pair.right);
        }
        !taken
    });
    pairs
}

/// Pairs in groups that share no record.
fn knots(pairs: Vec<Pair>) -> Vec<Vec<Pair>> {
    // Each record points to another of its knot, the last to itself.
    let mut roots: Vec<usize> = Vec::new();
    let mut numbers: HashMap<(bool, u32), usize> = HashMap::new();
    let mut number = |side, record, roots: &mut Vec<usize>| {
        *numbers.entry((side, record)).or_insert_with(|| {
            roots.push(roots.len());
            roots.len() - 1
        })
    };
    let mut ends = Vec::with_capacity(pairs.len());
    for pair in &pairs {
        let left = number(false, pair.left, &mut roots);
        let right = number(true, pair.right, &mut roots);
        let (one, other) = (root(&mut roots, left), root(&mut roots, right));
        roots[one] = other;
        ends.push(left);
    }
    let mut knots: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
    for (pair, end) in pairs.into_iter().zip(ends) {
        knots.entry(root(&mut roots, end)).or_default().push(pair);
    }
    knots.into_values().collect()
}

fn root(roots: &mut [usize], mut at: usize) -> usize {
    while roots[at] != at {
        roots[at] = roots[roots[at]];
        at = roots[at];
    }
    at
}

fn untie(pairs: Vec<Pair>) -> Vec<Pair> {
    let mut lefts: Vec<u32> = pairs.iter().map(|pair| pair.left).collect();
    let mut rights: Vec<u32> = pairs.iter().map(|pair| pair.right).collect();
    for side in [&mut lefts, &mut rights] {
        side.sort_unstable();
        side.dedup();
    }
    if lefts.len() > KNOT || rights.len() > KNOT {
        return likeliest_first(pairs, false);
    }
    // The rows must be no more than the columns.
    let turned = lefts.len() > rights.len();
    let (rows, columns) = if turned {
        (&rights, &lefts)
    } else {
        (&lefts, &rights)
    };
    let place = |pair: &Pair| {
        let (row, column) = if turned {
            (pair.right, pair.left)
        } else {
            (pair.left, pair.right)
        };
        Some((
            rows.binary_search(&row).ok()?,
            columns.binary_search(&column).ok()?,
        ))
    };
    let mut worth = Matrix::new(rows.len(), columns.len(), 0_i64);
    for pair in &pairs {
        if let Some(place) = place(pair) {
            // A pair that is told at all is worth more than none.
            worth[place] = ((pair.score * 1000.0) as i64).max(1);
        }
    }
    let (_, assigned) = kuhn_munkres(&worth);
    let is_kept = |pair: &Pair| place(pair).is_some_and(|(row, column)| assigned[row] == column);
    pairs.into_iter().filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::{between_lists, likeliest_first};
    use crate::field::Pattern;
    use crate::pair::Pair;

    fn pair(left: u32, right: u32, score: f32) -> Pair {
        let (left_id, right_id) = (left.to_string().into(), right.to_string().into());
        Pair {
            left,
            right,
            score,
            pattern: Pattern::default(),
            left_id,
            right_id,
            parts: Box::default(),
        }
    }

    fn ends(mut pairs: Vec<Pair>) -> Vec<(u32, u32)> {
        pairs.sort_unstable_by_key(|pair| pair.left);
        pairs.iter().map(|pair| (pair.left, pair.right)).collect()
    }

    #[test]
    fn two_good_pairs_are_better_than_the_best_alone() {
        let pairs = vec![
            pair(1, 1, 10.0),
            pair(1, 2, 9.0),
            pair(2, 1, 9.0),
            pair(3, 3, 4.0),
        ];
        assert_eq!(ends(between_lists(pairs)), [(1, 2), (2, 1), (3, 3)]);
    }

    #[test]
    fn more_left_than_right() {
        let pairs = vec![pair(1, 1, 5.0), pair(2, 1, 7.0), pair(3, 1, 6.0)];
        assert_eq!(ends(between_lists(pairs)), [(2, 1)]);
    }

    #[test]
    fn within_one_list_nobody_is_in_two_pairs() {
        let pairs = vec![pair(1, 2, 9.0), pair(2, 3, 8.0), pair(3, 4, 7.0)];
        assert_eq!(ends(likeliest_first(pairs, true)), [(1, 2), (3, 4)]);
    }
}
