package secret

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"AWS_SECRET_ACCESS_KEY": true, "GITHUB_TOKEN": true, "npm_config__authToken": true, "DB_PASSWORD": true, "STRIPE_KEY": true,
		"SENTRY_DSN": true, "PATH": false, "HOME": false, "AWS_REGION": false, "GITHUB_SHA": false, "KEYBOARD": false, "CI": false,
		"DB_PASS": true, "PASS": true, "SSHPASS": true, "DB_PWD": true, "MYSQL_PWD": true, "JWT": true, "ADMIN_JWT": true, "OTP": true,
		"NPM_CONFIG_OTP": true, "AUTHORIZATION": true, "PROXY_AUTHORIZATION": true, "AUTH": true, "CONNECTION_STRING": true,
		"SQL_CONNECTION_STRING": true, "smtp_pass": true, "GH_PAT": true, "PWD": false, "OLDPWD": false, "COMPASS": false,
		"BYPASS_CACHE": false, "BYPASS": false, "PASSENGER": false, "AUTHOR": false, "GIT_AUTHOR_NAME": false, "AUTHORS": false,
		"AUTHORITY": false, "FOOTPATH": false, "KEY": false,
	} {
		if got := isName(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// A password is one in a URL too, and so is a token in its place; a name of somebody is none.
func TestURLs(t *testing.T) {
	for variable, want := range map[string]string{
		"ORIGIN=https://user:canary%2F1@host/x":                 "canary%2F1 canary/1",
		"ORIGIN=https://canary-token@host/x":                    "canary-token",
		"ORIGIN=git+https://canary-token@host/x@v1":             "canary-token",
		"ORIGIN=ssh://deployer@host/x":                          "",
		"ORIGIN=https://user:canary/1@host/x":                   "canary/1",
		"INDEXES=https://canary-1@h/ own=https://u:canary-2@h/": "canary-1 canary-2",
		"ORIGIN=https://host:8080/path/@scope/x":                "",
		"ORIGIN=https://host/path/@scope":                       "",

		"HOOK=https://host/x?access_token=canary-1&page=deployer":          "canary-1",
		"HOOK=https://host/x?a=b&Api_Key=canary%2B1+x#deployer":            "canary%2B1+x canary+1+x",
		"HOOK=https://host/x#id_token=canary-1":                            "canary-1",
		"HOOK=https://u:canary-1@host/x?key=canary-2;sig=canary-3":         "canary-1 canary-2 canary-3",
		"FILE=https://b.host/x?X-Amz-Signature=canary-1&X-Amz-Expires=900": "canary-1",
		"FILE=https://b.host/x?X-Amz-Security-Token=canary-1==":            "canary-1==",
		`JSON={"url":"https://host/x?apikey=canary-1","deployer":"x"}`:     "canary-1",
		"DB=jdbc:sqlserver://host;user=deployer;password=canary-1;x=y":     "canary-1",
		"URLS=https://a/?token=canary-1,https://b/?client-secret=canary-2": "canary-1 canary-2",
		"DB=mongodb://host/x?authSource=deployer&sort_key=deployer":        "",
	} {
		s := In([]string{variable})
		for word := range strings.FieldsSeq(want) {
			if got := s.Hide(word); got != hidden {
				t.Errorf("%s: %q is not hidden: %q", variable, word, got)
			}
		}
		if got := s.Hide("deployer https://host/path/@ 8080/path/@"); got != "deployer https://host/path/@ 8080/path/@" {
			t.Errorf("%s hides too much: %q", variable, got)
		}
	}
	s := In(nil)
	s.AddPasswords("four", "two")
	if got := s.Hide("four two"); got != hidden+" two" {
		t.Errorf("got %q", got)
	}
}

// What is a secret is hidden, and neither form of a URL has it.
func FuzzParameters(f *testing.F) {
	f.Add("https://host/x?page=1", "token", "canary-1")
	f.Add("https://user:canary@host/x#a;b", "X-Amz-Signature", "%2B=canary")
	f.Add("postgres://host:1/db?sslmode=require", "password", "p%3Fss-word")
	f.Fuzz(func(t *testing.T, before, name, value string) {
		if !isParameterName(name) || strings.Contains(before, hidden) || strings.ContainsAny(name+value, "@*"+parameterEnds) ||
			strings.ContainsFunc(before+name+value, unicode.IsSpace) || !strings.Contains(before, "://") || len(value) < shortSecret ||
			strings.Contains(before, value) || strings.Contains(name, "=") || strings.Contains(name, value) {
			t.Skip()
		}
		text := before + "&" + name + "=" + value
		if got := In([]string{"PLACE=" + text}).Hide(text); strings.Contains(got, value) {
			t.Errorf("%q is in %q", value, got)
		}
		if got := URL(text); strings.Contains(got, value) {
			t.Errorf("%q is in %q", value, got)
		}
	})
}

// What is hidden does not depend on how the text came, and nothing else is lost.
func FuzzHide(f *testing.F) {
	f.Add("abcabcabd", "abcabd", "abcabdabcabe", uint8(1))
	f.Add("the secret is secret-longer!", "secret", "secret-longer", uint8(3))
	f.Add("aaaaaaaaaaaaa", "aaaaaa", "aaaaaaaa", uint8(2))
	f.Add("no end: topsec", "topsecret", "psecret", uint8(200))
	f.Fuzz(func(t *testing.T, text, one, two string, size uint8) {
		env := []string{"A_TOKEN=" + one, "B_TOKEN=" + two}
		whole := In(env).Hide(text)
		s := In(env)
		var parts, rest []byte
		for chunk := range slices.Chunk([]byte(text), int(size)+1) {
			clean, left := s.hideIn(append(rest, chunk...), false)
			parts, rest = append(parts, clean...), left
		}
		clean, _ := s.hideIn(rest, true)
		if parts = append(parts, clean...); string(parts) != whole {
			t.Errorf("%q in parts of %d: %q, whole: %q", text, size+1, parts, whole)
		}
		if !strings.Contains(whole, hidden) && whole != text {
			t.Errorf("%q became %q", text, whole)
		}
		for _, v := range []string{one, two} {
			if len(strings.TrimSpace(v)) >= shortSecret && !strings.Contains(v, "\n") && !strings.ContainsAny(v, "*") && strings.Contains(whole, v) {
				t.Errorf("%q is in %q", v, whole)
			}
		}
	})
}
