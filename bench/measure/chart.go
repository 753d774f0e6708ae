//go:build unix

package main

import (
	"fmt"
	"math"
	"strings"
)

// chart is lines over the same few places, drawn in SVG: a few shapes, no script, and colours for light and dark pages.
type chart struct {
	title, unit string
	ticks       []string
	lines       []*line
}

type line struct {
	label  string
	points []point
}

// point is a median, and the range in which eight in ten turns lie.
type point struct{ low, median, high float64 }

// The drawing is 720 by 360, of which the lines have what is inside these margins.
const (
	width, height     = 720.0, 360.0
	left, right       = 64.0, 700.0
	top, bottom       = 48.0, 312.0
	chartStyleOfLines = `
  text { font: 13px system-ui, sans-serif; fill: #333; }
  .title { font-weight: 600; }
  .grid { stroke: #ddd; }
  .l0 { stroke: #777; fill: #777; } .l1 { stroke: #0a6ebd; fill: #0a6ebd; } .l2 { stroke: #c2570c; fill: #c2570c; }
  text.l0, text.l1, text.l2 { stroke: none; }
  polyline[class] { fill: none; stroke-width: 2; }
  .spread { stroke-width: 6; stroke-opacity: 0.25; }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd; } .grid { stroke: #444; }
    .l0 { stroke: #aaa; fill: #aaa; } .l1 { stroke: #58b0f5; fill: #58b0f5; } .l2 { stroke: #f59e58; fill: #f59e58; }
  }
`
)

func (c *chart) svg() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`+"\n<style>%s</style>\n",
		width, height, c.title, chartStyleOfLines)
	step := c.step()
	most := math.Max(1, math.Ceil(c.most()/step)) * step
	y := func(v float64) float64 { return bottom - v/most*(bottom-top) }
	for v := 0.0; v <= most+step/2; v += step {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, left, y(v), right, y(v))
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="end">%g %s</text>`+"\n", left-8, y(v)+4, v, c.unit)
	}
	for i, tick := range c.ticks {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n", c.x(i), bottom+22, tick)
	}
	fmt.Fprintf(&b, `<text class="title" x="%.1f" y="24">%s</text>`+"\n", left, c.title)
	for i, line := range c.lines {
		var points []string
		for j, p := range line.points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", c.x(j), y(p.median)))
			fmt.Fprintf(&b, `<line class="l%d spread" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, i, c.x(j), y(p.low), c.x(j), y(p.high))
			fmt.Fprintf(&b, `<circle class="l%d" cx="%.1f" cy="%.1f" r="3.5"><title>%s, %s: %.1f %s</title></circle>`+"\n",
				i, c.x(j), y(p.median), line.label, c.ticks[j], p.median, c.unit)
		}
		fmt.Fprintf(&b, `<polyline class="l%d" points="%s"/>`, i, strings.Join(points, " "))
		fmt.Fprintf(&b, `<text class="l%d" x="%.1f" y="%.1f">● %s</text>`+"\n", i, left+170*float64(i), height-10, line.label)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// x spreads the places evenly, so that each is ten times the one before it.
func (c *chart) x(i int) float64 {
	const inset = 60
	return left + inset + float64(i)*(right-left-2*inset)/math.Max(1, float64(len(c.ticks)-1))
}

func (c *chart) most() float64 {
	most := 0.0
	for _, line := range c.lines {
		for _, p := range line.points {
			most = math.Max(most, p.high)
		}
	}
	return most
}

// step is 1, 2 or 5 times a power of ten, so that there are four to ten lines.
func (c *chart) step() float64 {
	rough := math.Max(c.most(), 1e-3) / 8
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= rough {
			return n * power
		}
	}
	return 10 * power
}
