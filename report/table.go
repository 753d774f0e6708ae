package report

import "strings"

// gap is what stands between two columns.
const gap = "  "

// narrowest is the least that the last column of a table is cut to: less than that tells a reader nothing.
const narrowest = 24

// cell is one cell of a table and how it is painted.
type cell struct {
	text   string
	colour colour
}

// colour is the parameter of an ANSI "select graphic rendition" sequence (ECMA-48, 8.3.117).
type colour string

const (
	plain  colour = ""
	bold   colour = "1"
	faint  colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

func (st Style) paint(text string, c colour) string {
	if !st.Colour || c == plain || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// writeTable aligns all columns but the last, and cuts that one to the width that is left, if there is a width.
func (st Style) writeTable(b *strings.Builder, rows [][]cell) {
	widths := columnWidths(rows)
	for _, row := range rows {
		left := st.Width
		for i, c := range row {
			if i == len(row)-1 {
				b.WriteString(st.paint(st.fit(c.text, left), c.colour))
				break
			}
			b.WriteString(st.paint(c.text, c.colour))
			for range widths[i] - columns(c.text) {
				b.WriteByte(' ')
			}
			b.WriteString(gap)
			left -= widths[i] + len(gap)
		}
		b.WriteByte('\n')
	}
}

func (st Style) fit(text string, left int) string {
	if st.Width <= 0 {
		return text
	}
	return Cut(text, max(left, narrowest))
}

// columnWidths measures all columns but the last, behind which nothing is aligned.
func columnWidths(rows [][]cell) []int {
	var widths []int
	for _, row := range rows {
		for i, c := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(c.text))
		}
	}
	return widths
}

// dropColumn takes a column out of every row.
func dropColumn(rows [][]cell, column int) [][]cell {
	var out [][]cell
	for _, row := range rows {
		out = append(out, append(append([]cell{}, row[:column]...), row[column+1:]...))
	}
	return out
}

// room is what the columns before the last leave of the width.
func (st Style) room(rows [][]cell) int {
	left := st.Width
	for _, w := range columnWidths(rows) {
		left -= w + len(gap)
	}
	return left
}
