package wheel

import (
	"bytes"
	"strings"
)

// Headers are the fields of METADATA or WHEEL, in their order.
type Headers []Header

// Header is one field. A value of several lines has them joined by a line feed.
type Header struct{ Key, Value string }

// Get gives the first value of a field, whose name counts in any case; empty where there is none.
func (h Headers) Get(key string) string {
	for _, field := range h {
		if strings.EqualFold(field.Key, key) {
			return field.Value
		}
	}
	return ""
}

// All gives all values of a field.
func (h Headers) All(key string) []string {
	var values []string
	for _, field := range h {
		if strings.EqualFold(field.Key, key) {
			values = append(values, field.Value)
		}
	}
	return values
}

// parseHeaders reads fields up to an empty line, after which METADATA has its description. As in mail, a line that starts
// with space continues the one before; what is neither is passed over.
func parseHeaders(content []byte) Headers {
	var headers Headers
	for line := range bytes.Lines(content) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		if text[0] == ' ' || text[0] == '\t' {
			if last := len(headers) - 1; last >= 0 {
				headers[last].Value += "\n" + strings.TrimSpace(text)
			}
			continue
		}
		if key, value, ok := strings.Cut(text, ":"); ok {
			headers = append(headers, Header{key, strings.TrimSpace(value)})
		}
	}
	return headers
}
