package index

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// network is what requests of several clients share: connections, and how many are under way at once.
type network struct {
	environment Environment
	stall       time.Duration
	slots       chan struct{}

	once      sync.Once
	transport *http.Transport
	err       error
}

func newNetwork(e Environment, parallel int, stall time.Duration) *network {
	return &network{environment: e, stall: stall, slots: make(chan struct{}, parallel)}
}

// open makes what sends requests: through the proxies, trusting the certificate authorities, that the environment names.
// That is only done for the first request: reading certificates takes longer than all that is done without one.
func (n *network) open() (*http.Transport, error) {
	n.once.Do(func() { n.transport, n.err = newTransport(n.environment, cap(n.slots), n.stall) })
	return n.transport, n.err
}

func (n *network) close() {
	n.once.Do(func() { n.err = errors.New("the index client is closed") })
	if n.transport != nil {
		n.transport.CloseIdleConnections()
	}
}

func newTransport(e Environment, parallel int, stall time.Duration) (*http.Transport, error) {
	pool, err := trusted(e.Bundles)
	if err != nil {
		return nil, err
	}
	proxy := httpproxy.Config{HTTPProxy: e.HTTPProxy, HTTPSProxy: e.HTTPSProxy, NoProxy: e.NoProxy}
	find := proxy.ProxyFunc()
	dialer := &net.Dialer{Timeout: stall}
	return &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			u, err := find(r.URL)
			if err != nil {
				return nil, errors.New("the URL of the proxy cannot be read") // without it: it may have a password
			}
			return u, nil
		},
		DialContext:           dialer.DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: pool},
		TLSHandshakeTimeout:   stall,
		ResponseHeaderTimeout: stall,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   parallel,
		IdleConnTimeout:       time.Minute,
	}, nil
}

// trusted gives the certificate authorities of all bundles together, nil for the system's where there is no bundle. What
// is named takes the system's place, as it does for pip, requests and curl.
func trusted(bundles []Bundle) (*x509.CertPool, error) {
	if len(bundles) == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	for _, b := range bundles {
		if err := b.addTo(pool); err != nil {
			return nil, err
		}
	}
	return pool, nil
}

func (b Bundle) addTo(pool *x509.CertPool) error {
	info, err := os.Stat(b.Path)
	if err != nil {
		return b.wrong(err)
	}
	files := []string{b.Path}
	if info.IsDir() {
		entries, err := os.ReadDir(b.Path)
		if err != nil {
			return b.wrong(err)
		}
		files = files[:0]
		for _, e := range entries {
			files = append(files, filepath.Join(b.Path, e.Name()))
		}
	}
	found := false
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			if info.IsDir() {
				continue // such directories have links to what was removed, and directories
			}
			return b.wrong(err)
		}
		found = pool.AppendCertsFromPEM(content) || found
	}
	if !found && !info.IsDir() {
		return b.wrong(errors.New("there is no certificate in it"))
	}
	return nil
}

func (b Bundle) wrong(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return &BundleError{Bundle: b, Err: err}
}

// BundleError is a bundle of certificates that cannot be read.
type BundleError struct {
	Bundle
	Err error
}

func (e *BundleError) Error() string {
	return fmt.Sprintf("%s: the certificates that %s names cannot be read: %v", e.Path, e.Variable, e.Err)
}

func (e *BundleError) Unwrap() error { return e.Err }
