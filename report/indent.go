package report

// indent lays out what encoding/json has written, two spaces a level, byte for byte as json.Indent does. That reads every
// byte as if it could be wrong, and takes five times as long for it as the encoding itself; this trusts what it is given.
func indent(compact []byte) []byte {
	out := make([]byte, 0, 2*len(compact))
	depth := 0
	line := func() {
		out = append(out, '\n')
		for range depth {
			out = append(out, "  "...)
		}
	}
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			end := i + 1 + stringEnd(compact[i+1:])
			out = append(out, compact[i:end+1]...)
			i = end
		case '{', '[':
			out = append(out, c)
			if closing := compact[i+1]; closing == '}' || closing == ']' {
				out = append(out, closing)
				i++
				break
			}
			depth++
			line()
		case '}', ']':
			depth--
			line()
			out = append(out, c)
		case ',':
			out = append(out, c)
			line()
		case ':':
			out = append(out, ": "...)
		default:
			out = append(out, c)
		}
	}
	return out
}

// stringEnd gives where the quote is that ends a string.
func stringEnd(rest []byte) int {
	for i := 0; ; i++ {
		switch rest[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
}
