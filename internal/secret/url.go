package secret

import "strings"

// URL gives a URL without its user and password. What is no URL stays as it is.
func URL(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text
	}
	return scheme + "://" + rest[len(credentials(rest)):]
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
