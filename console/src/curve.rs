//! Small curves, for trends.

/// Heights of a column, lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Counts as columns, a cell each, the highest as high as a cell.
pub fn curve(counts: &[i64]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bar = |count: &i64| {
        // Only nothing is drawn as low as nothing.
        let height = (count * 7 + most - 1) / most;
        usize::try_from(height).ok().and_then(|height| BARS.get(height)).copied().unwrap_or(' ')
    };
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nothing_is_as_low_as_nothing() {
        assert_eq!(curve(&[0, 1, 4, 100]), "▁▂▂█");
        assert_eq!(curve(&[0, 0]), "▁▁");
        assert_eq!(curve(&[7]), "█");
    }
}
