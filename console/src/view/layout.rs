//! How the screen is divided, from its size alone; the model asks it how many rows there are.

/// Narrower than this, only what can't be left out.
pub const NARROW: u16 = 60;
/// From this width the selected case stands beside the list.
pub const WIDE: u16 = 120;
/// From this width a case has its own columns for the seller and the history.
pub const VAST: u16 = 160;
/// Below this size there is no room for a screen.
pub const LEAST: (u16, u16) = (24, 6);

/// The parts of the queue's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Whether the names of the columns are shown.
    pub names: bool,
    /// Rows of the list.
    pub rows: usize,
    /// Lines below the list about the selected case, its rule included; 0 when it stands beside the list.
    pub strip: u16,
    /// Columns of the list.
    pub list: u16,
}

/// Divides the queue's screen.
pub fn queue((width, height): (u16, u16)) -> Queue {
    let body = height.saturating_sub(3);
    let wide = width >= WIDE && height >= 12;
    let strip = match body {
        _ if wide => 0,
        18.. => 6,
        12..18 => 4,
        _ => 0,
    };
    let names = body >= 8;
    let rows = body - strip - u16::from(names);
    let list = if wide { (width * 11 / 20).max(80) } else { width };
    Queue { names, rows: usize::from(rows), strip, list }
}

/// Lines of an open case that are shown.
pub fn case_rows((_, height): (u16, u16)) -> usize {
    usize::from(height.saturating_sub(4))
}

/// The size of a dialog's inside, at most: columns and rows.
pub fn dialog((width, height): (u16, u16)) -> (u16, u16) {
    (width.saturating_sub(4).min(96), height.saturating_sub(5))
}

/// Lines of a text in a dialog that are shown.
pub fn dialog_rows(size: (u16, u16)) -> usize {
    usize::from(dialog(size).1)
}
