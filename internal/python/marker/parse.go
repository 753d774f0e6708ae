package marker

import (
	"fmt"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/pep440"
)

// Parse reads a marker; the empty text is the marker that holds everywhere. The error names the text and the place in it.
func Parse(text string) (Marker, error) {
	if strings.Trim(text, " \t") == "" {
		return Marker{}, nil
	}
	p := parser{text: text}
	root, err := p.or()
	if err == nil && p.at < len(text) {
		err = p.errorf("the end of the marker")
	}
	if err != nil {
		return Marker{}, err
	}
	return Marker{text: text, root: root}, nil
}

// deepest is how deep parentheses may be nested: more than anybody writes, and less than what fills a stack.
const deepest = 200

type parser struct {
	text  string
	at    int
	depth int
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("marker %q: expected %s at column %d", p.text, fmt.Sprintf(format, args...), p.at+1)
}

// or reads what "or" joins, which binds less than "and".
func (p *parser) or() (expression, error) {
	parts, err := p.joined("or", p.and)
	if len(parts) == 1 || err != nil {
		return firstOf(parts), err
	}
	return expression{any: parts}, nil
}

func (p *parser) and() (expression, error) {
	parts, err := p.joined("and", p.atom)
	if len(parts) == 1 || err != nil {
		return firstOf(parts), err
	}
	return expression{all: parts}, nil
}

func (p *parser) joined(word string, part func() (expression, error)) ([]expression, error) {
	var parts []expression
	for {
		x, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, x)
		if !p.word(word) {
			return parts, nil
		}
	}
}

func firstOf(parts []expression) expression {
	if len(parts) == 0 {
		return expression{}
	}
	return parts[0]
}

// atom reads a comparison, or an expression in parentheses.
func (p *parser) atom() (expression, error) {
	p.blanks()
	if !strings.HasPrefix(p.text[p.at:], "(") {
		c, err := p.comparison()
		p.blanks()
		return expression{comparison: c}, err
	}
	p.at++
	if p.depth++; p.depth > deepest {
		return expression{}, p.errorf("less than %d parentheses within one another", deepest)
	}
	x, err := p.or()
	if err != nil {
		return x, err
	}
	if !strings.HasPrefix(p.text[p.at:], ")") {
		return x, p.errorf("a closing parenthesis")
	}
	p.at++
	p.depth--
	p.blanks()
	return x, nil
}

func (p *parser) comparison() (comparison, error) {
	start := p.at
	left, leftText, err := p.operand()
	if err != nil {
		return comparison{}, err
	}
	operator, err := p.operator()
	if err != nil {
		return comparison{}, err
	}
	right, rightText, err := p.operand()
	if err != nil {
		return comparison{}, err
	}
	if (left == noVariable) == (right == noVariable) {
		p.at = start
		return comparison{}, p.errorf("a variable and a literal")
	}
	c := comparison{variable: max(left, right), operator: operator, literal: leftText + rightText, reversed: left == noVariable}
	if !c.prepare() {
		p.at = start
		return c, p.errorf("a comparison that %q knows", operator)
	}
	return c, nil
}

// prepare does what does not depend on the environment. It reports whether the variable can be compared in that way at all.
func (c *comparison) prepare() bool {
	member := c.operator == "in" || c.operator == "not in"
	switch {
	case c.variable.isSet():
		c.literal = python.NormalizeName(c.literal)
		return member && c.reversed
	case c.variable == extra:
		c.literal = python.NormalizeName(c.literal)
	case c.variable.isVersion() && c.reversed:
		return true
	case c.variable.isVersion() && !member:
		if spec, err := pep440.ParseSpecifier(c.operator + c.literal); err == nil {
			c.specifier = &spec
			return true
		}
	}
	return c.operator != "~=" && c.operator != "==="
}

// operand reads a variable, or a literal in either kind of quotes.
func (p *parser) operand() (variable, string, error) {
	p.blanks()
	rest := p.text[p.at:]
	if rest != "" && (rest[0] == '\'' || rest[0] == '"') {
		literal, _, closed := strings.Cut(rest[1:], rest[:1])
		if !closed {
			return noVariable, "", p.errorf("a closing quote")
		}
		p.at += len(literal) + 2
		return noVariable, literal, nil
	}
	n := 0
	for n < len(rest) && (isWordByte(rest[n]) || rest[n] == '.') {
		n++
	}
	v := variableNamed(rest[:n])
	if v == noVariable {
		return v, "", p.errorf("a variable or a literal in quotes")
	}
	p.at += n
	return v, "", nil
}

func (p *parser) operator() (string, error) {
	p.blanks()
	for _, operator := range [...]string{"===", "==", "~=", "!=", "<=", ">=", "<", ">"} {
		if strings.HasPrefix(p.text[p.at:], operator) {
			p.at += len(operator)
			return operator, nil
		}
	}
	if p.word("in") {
		return "in", nil
	}
	if p.word("not") && p.blanks() && p.word("in") {
		return "not in", nil
	}
	return "", p.errorf("an operator")
}

// word reads a whole word.
func (p *parser) word(word string) bool {
	rest, found := strings.CutPrefix(p.text[p.at:], word)
	if !found || rest != "" && isWordByte(rest[0]) {
		return false
	}
	p.at += len(word)
	return true
}

// blanks passes over blanks, and reports whether there were any.
func (p *parser) blanks() bool {
	start := p.at
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
	return p.at > start
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
