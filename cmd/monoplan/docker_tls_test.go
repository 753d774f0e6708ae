//go:build linux

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// overTLS reaches the engine with a client's certificate, which variables or a context name; without one, and where the engine's own is not
// that of the authority, the error says so.
func (e *ownEngine) overTLS(t *testing.T) {
	configuration, stranger := t.TempDir(), makeCertificates(t)
	context := exec.CommandContext(t.Context(), "docker", "--config", configuration, "context", "create", "far", "--docker",
		"host="+e.tcp+",ca="+e.certificates.file("ca.pem")+",cert="+e.certificates.file("cert.pem")+",key="+e.certificates.file("key.pem"))
	if out, err := context.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	byContext := []string{"DOCKER_HOST=", "DOCKER_CONTEXT=far", "DOCKER_CONFIG=" + configuration}
	variables := func(c string) []string {
		return []string{"DOCKER_HOST=" + e.tcp, "DOCKER_CONTEXT=", "DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH=" + c}
	}
	plain := []string{"DOCKER_HOST=" + e.tcp, "DOCKER_CONTEXT=", "DOCKER_TLS_VERIFY=", "DOCKER_CERT_PATH="}
	for _, c := range []struct {
		name string
		env  []string
		want string // where it fails
	}{
		{"variables", variables(string(e.certificates)), ""},
		{"context", byContext, ""},
		{"no certificate", plain, "no Docker engine answers at " + e.tcp + " (DOCKER_HOST): "},
		{"another authority", variables(string(stranger)), "certificate signed by unknown authority"},
		{"no such directory", variables(filepath.Join(configuration, "none")), filepath.Join(configuration, "none", "ca.pem")},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := buildRepository(t, e.base, "  image: "+e.base.Base+"\n", "pass")
			if c.want == "" {
				e.passes(t, dir, t.TempDir(), c.env)
				return
			}
			wantFailed(t, startPackage(t, dir, t.TempDir(), c.env, nil), c.want, "hint: DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, ")
			leavesNothing(t, "", dir)
		})
	}
}

// certificates is a directory as DOCKER_CERT_PATH names one (ca.pem, cert.pem, key.pem), with a server's server.pem and server-key.pem besides.
type certificates string

func (c certificates) file(name string) string { return filepath.Join(string(c), name) }

// makeCertificates makes an authority, and what it has signed for a server on this machine and for a client.
func makeCertificates(t *testing.T) certificates {
	t.Helper()
	c := certificates(t.TempDir())
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key := c.sign(t, "ca", authority, authority, nil)
	for i, of := range []struct {
		name  string
		usage x509.ExtKeyUsage
	}{{"server", x509.ExtKeyUsageServerAuth}, {"client", x509.ExtKeyUsageClientAuth}} {
		c.sign(t, of.name, &x509.Certificate{
			SerialNumber: big.NewInt(int64(i) + 2), Subject: pkix.Name{CommonName: of.name}, NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{of.usage}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		}, authority, key)
	}
	for from, to := range map[string]string{"client.pem": "cert.pem", "client-key.pem": "key.pem"} {
		if err := os.Rename(c.file(from), c.file(to)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// sign writes a certificate and its key, signed with another's key, or without one with its own.
func (c certificates) sign(t *testing.T, name string, of, by *x509.Certificate, with *ecdsa.PrivateKey) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if with == nil {
		with = key
	}
	signed, err := x509.CreateCertificate(rand.Reader, of, by, &key.PublicKey, with)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		name + ".pem": {Type: "CERTIFICATE", Bytes: signed}, name + "-key.pem": {Type: "EC PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(c.file(file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return key
}
