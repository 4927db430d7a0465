//! Columns of text for a terminal.

use console::measure_text_width;

/// Rows as aligned columns, the first row being the heads. Blanks at the end of lines are left out.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| measure_text_width(cell)).max();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let gap = width(column).unwrap_or(0).saturating_sub(measure_text_width(cell));
            format!("{cell}{}", " ".repeat(gap))
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}
