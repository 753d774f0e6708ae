package secret

import (
	"slices"
	"strings"
)

// URL gives a URL without its user and password, and with its parameters that are named like secrets hidden. What is no URL stays as
// it is.
func URL(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text
	}
	rest = rest[len(credentials(rest)):]
	for _, at := range slices.Backward(parametersIn(rest)) {
		rest = rest[:at.from] + hidden + rest[at.to:]
	}
	return scheme + "://" + rest
}

// URLs gives a text with its URLs as URL gives them.
func URLs(text string) string {
	var out strings.Builder
	for text != "" {
		end := strings.IndexAny(text, " \t\r\n") + 1
		if end == 0 {
			end = len(text)
		}
		out.WriteString(URL(text[:end]))
		text = text[end:]
	}
	return out.String()
}

// credentials gives the user and the password that a URL begins with after its scheme, up to and with the @ that ends them.
// That is the last one: a password may have others that nobody escaped.
func credentials(rest string) string {
	authority, _, _ := strings.Cut(rest, "/")
	if _, port, _ := strings.Cut(authority, ":"); !strings.Contains(authority, "@") && strings.Trim(port, "0123456789") != "" {
		authority = rest // that is no port, but the beginning of a password with a slash that nobody escaped
	}
	return authority[:strings.LastIndexByte(authority, '@')+1]
}

// span is a part of a text.
type span struct{ from, to int }

// parametersIn gives where, in what follows the scheme of a URL, the values of those parameters are that are named like secrets.
// Parameters are wherever drivers and services take them: in the query, in the fragment, and after semicolons.
func parametersIn(rest string) []span {
	var found []span
	for from := 0; from < len(rest); {
		to := from + strings.IndexAny(rest[from:], parameterEnds)
		if to < from {
			to = len(rest)
		}
		name, value, _ := strings.Cut(rest[from:to], "=")
		if value != "" && isParameterName(name) {
			found = append(found, span{to - len(value), to})
		}
		from = to + 1
	}
	return found
}

// parameterEnds are the characters that part parameters from each other, and a URL from the text that it is in.
const parameterEnds = "?&;#,\"'<> \t\r\n"

// isParameterName reports whether a parameter of this name is a secret. Key is one alone (key=…), and is not where it
// says whose it is (sort_key=…).
func isParameterName(name string) bool {
	name = strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name))
	for _, end := range []string{"token", "secret", "password", "passwd", "signature", "apikey", "accesskey", "jwt"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return name == "key" || name == "sig" || name == "pwd"
}
