package secret

import "testing"

func TestURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.com/x":                  "https://example.com/x",
		"https://example.com:8080/@scope/x":      "https://example.com:8080/@scope/x",
		"https://user:canary@example.com/x@v1":   "https://example.com/x@v1",
		"https://canary@example.com/x":           "https://example.com/x",
		"https://user:can@ary@example.com/x":     "https://example.com/x",
		"https://user:can/ary@example.com/x":     "https://example.com/x",
		"https://user:canary@example.com":        "https://example.com",
		"git+ssh://canary@example.com":           "git+ssh://example.com",
		"git@example.com:x":                      "git@example.com:x",
		"origin":                                 "origin",
		"https://[::1]:8080/x":                   "https://[::1]:8080/x",
		"https://u:canary@[::1]:8080/x@y":        "https://[::1]:8080/x@y",
		"https://h/x?page=1&token=canary#top":    "https://h/x?page=1&token=***#top",
		"https://u:canary@h/x?sig=canary":        "https://h/x?sig=***",
		"https://h/x.git?private_token=canary'":  "https://h/x.git?private_token=***'",
		"https://h/x?key=":                       "https://h/x?key=",
		"x?token=canary":                         "x?token=canary",
		"fatal: 'https://u:canary@h/x/': no\n\t": "fatal: 'https://h/x/': no\n\t",
	} {
		if got := URL(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	const words = "a 'https://u:canary@h/x/':\nhttps://u:canary@h/y me@h"
	if got, want := URLs(words), "a 'https://h/x/':\nhttps://h/y me@h"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
