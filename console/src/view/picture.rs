//! A picture as half-blocks: two pixels a cell, in the 256 colours that every terminal of today has; without colours as
//! signs that are the fuller the darker.

use jointforce_shared::{
    domain::{picture::Picture, safe_text::SafeText},
    store::pictures::Standing,
};
use ratatui::{
    style::{Color, Style},
    text::{Line, Span},
};

use super::paint::told;
use crate::{
    keys::Intent,
    model::{Model, dialog::Looking},
    theme::Theme,
};

/// Signs for a cell, from white to black.
const SIGNS: &[u8] = b" .:-=+*#%@";

pub fn lines(model: &Model, looking: &Looking, theme: &Theme, width: usize, rows: usize) -> Vec<Line<'static>> {
    let url = looking.urls.get(looking.at).map_or("", String::as_str);
    let words = format!("{} of {}: {url}", looking.at + 1, looking.urls.len());
    let mut lines = vec![Line::styled(SafeText::line(&words, width).into_string(), theme.dim)];
    match &looking.shown {
        Some(Standing::Made(picture)) => lines.extend(drawn(picture, theme, width, rows.saturating_sub(1).max(1))),
        Some(Standing::Failed(why)) => {
            lines.extend(told(&format!("It can't be shown: {why}"), width, 3, theme.bad));
        }
        Some(Standing::Asked) => lines.push(Line::styled("A worker fetches it and makes it small", theme.text)),
        None => lines.push(Line::styled("Asking for it", theme.text)),
    }
    if looking.urls.len() > 1 && rows > 17 {
        let words = format!("{} shows the next one", model.key(Intent::Down));
        lines.push(Line::styled(words, theme.dim));
    }
    lines
}

/// The picture in at most so many columns and rows, as large as it is or smaller.
fn drawn(picture: &Picture, theme: &Theme, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let (width, height) = picture.size();
    let (width, height) = (usize::from(width), usize::from(height));
    // Of every so many pixels one.
    let step = width.div_ceil(columns.max(1)).max(height.div_ceil(rows * 2)).max(1);
    let pixel = |x: usize, y: usize| {
        let (x, y) = (u16::try_from(x * step).ok()?, u16::try_from(y * step).ok()?);
        picture.at(x, y)
    };
    let plain = theme.key.fg.is_none();
    (0..height.div_ceil(step).div_ceil(2))
        .map(|row| {
            let cells = (0..width.div_ceil(step)).map(|x| {
                let (upper, lower) = (pixel(x, row * 2), pixel(x, row * 2 + 1));
                if plain { sign(upper, lower) } else { block(upper, lower) }
            });
            Line::from(cells.collect::<Vec<_>>())
        })
        .collect()
}

fn block(upper: Option<[u8; 3]>, lower: Option<[u8; 3]>) -> Span<'static> {
    let mut style = Style::new();
    if let Some(upper) = upper {
        style = style.fg(colour(upper));
    }
    if let Some(lower) = lower {
        style = style.bg(colour(lower));
    }
    Span::styled("▀", style)
}

/// The nearest of the 6 by 6 by 6 colours or of the 24 greys.
fn colour([r, g, b]: [u8; 3]) -> Color {
    if r.abs_diff(g) < 8 && g.abs_diff(b) < 8 {
        let grey = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
        return match grey {
            0..4 => Color::Indexed(16),
            247.. => Color::Indexed(231),
            _ => Color::Indexed(u8::try_from(232 + (grey - 3) / 10).unwrap_or(255)),
        };
    }
    // The steps are 0, 95, 135, 175, 215, 255.
    let step = |part: u8| if part < 48 { 0 } else { (part.saturating_sub(35) / 40).max(1) };
    Color::Indexed(16 + 36 * step(r) + 6 * step(g) + step(b))
}

fn sign(upper: Option<[u8; 3]>, lower: Option<[u8; 3]>) -> Span<'static> {
    let light = |pixel: [u8; 3]| pixel.iter().map(|part| usize::from(*part)).sum::<usize>() / 3;
    let cells: Vec<usize> = [upper, lower].into_iter().flatten().map(light).collect();
    let mean = cells.iter().sum::<usize>() / cells.len().max(1);
    let at = (255 - mean.min(255)) * (SIGNS.len() - 1) / 255;
    Span::raw(char::from(SIGNS.get(at).copied().unwrap_or(b' ')).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::paint::text_of;

    /// Black above, red below.
    fn flag(width: u16, height: u16) -> Picture {
        let pixels =
            (0..height).flat_map(|y| (0..width).map(move |_| if y < height / 2 { [0; 3] } else { [255, 0, 0] }));
        Picture::new(width, height, pixels.collect()).unwrap()
    }

    #[test]
    fn two_pixels_are_a_cell_and_an_odd_row_has_no_ground() {
        let lines = drawn(&flag(2, 3), &Theme::DARK, 30, 15);
        assert_eq!(lines.iter().map(text_of).collect::<Vec<_>>(), ["▀▀", "▀▀"]);
        let style = |row: usize| lines[row].spans[0].style;
        assert_eq!(style(0), Style::new().fg(Color::Indexed(16)).bg(Color::Indexed(196)));
        assert_eq!(style(1), Style::new().fg(Color::Indexed(196)));
    }

    #[test]
    fn a_small_screen_has_a_smaller_picture() {
        for (columns, rows) in [(1, 1), (10, 15), (30, 4), (96, 6)] {
            let lines = drawn(&flag(30, 30), &Theme::DARK, columns, rows);
            assert!(!lines.is_empty() && lines.len() <= rows && lines[0].spans.len() <= columns, "{columns} {rows}");
        }
    }

    #[test]
    fn without_colours_it_is_drawn_in_signs() {
        let lines = drawn(&flag(3, 8), &Theme::MONO, 30, 15);
        assert_eq!(lines.iter().map(text_of).collect::<Vec<_>>(), ["@@@", "@@@", "***", "***"]);
        assert!(lines.iter().flat_map(|line| &line.spans).all(|span| span.style == Style::new()));
    }

    #[test]
    fn colours_are_the_nearest_that_there_are() {
        for (pixel, index) in [
            ([0, 0, 0], 16),
            ([255, 255, 255], 231),
            ([128, 128, 128], 244),
            ([255, 0, 0], 196),
            ([0, 0, 95], 17),
            ([215, 135, 0], 172),
        ] {
            assert_eq!(colour(pixel), Color::Indexed(index), "{pixel:?}");
        }
    }
}
