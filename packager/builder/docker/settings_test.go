package docker

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Only what says how the network is reached goes into a container, and credentials only to installers.
func TestReadSettings(t *testing.T) {
	dir := t.TempDir()
	ca := write(t, "-----BEGIN", dir, "ca.pem")
	netrc := write(t, "machine example.com login me password net-secret", dir, ".netrc")
	s, err := readSettings(environment{
		"HOME=" + dir, "SSL_CERT_FILE=" + ca, "https_proxy=http://u:proxy%2Fsecret@proxy:1", "AWS_SECRET_ACCESS_KEY=aws", "PIP_FIND_LINKS=/opt/wheels",
		"PIP_INDEX_URL=https://u:index-secret@example.com/simple", "UV_INDEX=own=https://v:uv-secret@example.com/own", "PIP_EXTRA_INDEX_URL=https://token-secret@example.com/simple", "UV_CACHE_DIR=/c",
		"POETRY_HTTP_BASIC_OWN_PASSWORD=basic-secret", "POETRY_HOME=/p", "PIP_CACHE_DIR=/c",
	}, false, true)
	if err != nil {
		t.Fatal(err)
	}
	if s.ca != "-----BEGIN" || s.network != "" || !strings.Contains(s.netrc, "net-secret") {
		t.Errorf("got %+v", s)
	}
	if got, want := slices.Sorted(maps.Keys(s.index)), []string{"PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "POETRY_HTTP_BASIC_OWN_PASSWORD", "UV_INDEX"}; !slices.Equal(got, want) {
		t.Errorf("installers get %q, want %q", got, want)
	}
	every := s.variables()
	if every["https_proxy"] == "" || every["SSL_CERT_FILE"] != caFile || every["PIP_INDEX_URL"] != "" || every["AWS_SECRET_ACCESS_KEY"] != "" {
		t.Errorf("every process gets %q", every)
	}
	for _, secret := range []string{"proxy/secret", "proxy%2Fsecret", "index-secret", "token-secret", "uv-secret", "basic-secret", "net-secret"} {
		if text := s.secrets.Hide("it is " + secret + "!"); text != "it is ***!" {
			t.Errorf("%q is not known for a secret: %q", secret, text)
		}
	}
	var one task
	one.Set = map[string]string{}
	one.addFile("other", "stays")
	s.installer(7, &one)
	if one.Files["other"] != "stays" || one.Files[one.Set["NETRC"]] != s.netrc || one.Set["PIP_INDEX_URL"] == "" {
		t.Errorf("an installer gets %+v", one)
	}
	if _, err := readSettings(environment{"NETRC=" + netrc + "x", "HOME=" + dir}, false, true); err == nil {
		t.Error("a netrc that is named and not there is no error")
	}
	if _, err := readSettings(environment{"SSL_CERT_FILE=" + ca + "x", "HOME=" + dir}, false, true); err == nil {
		t.Error("certificates that are named and not there are no error")
	}
}

// A container is on no network offline, and on this machine's where an index or a proxy is of this machine alone.
func TestNetwork(t *testing.T) {
	for _, c := range []struct {
		setting       string
		offline, here bool
		want          string
	}{
		{"PIP_INDEX_URL=https://example.com/simple", false, true, ""},
		{"PIP_INDEX_URL=https://example.com/simple", true, true, "none"},
		{"PIP_INDEX_URL=http://127.0.0.1:8080/simple", false, true, "host"},
		{"UV_INDEX=own=http://localhost:8080/simple", false, true, "host"},
		{"HTTPS_PROXY=http://[::1]:3128", false, true, "host"},
		{"HTTPS_PROXY=http://[::1]:3128", false, false, ""},
	} {
		s, err := readSettings(environment{"HOME=" + t.TempDir(), c.setting}, c.offline, c.here)
		if err != nil || s.network != c.want {
			t.Errorf("%+v: network %q, %v", c, s.network, err)
		}
	}
}
