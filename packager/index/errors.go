package index

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// OfflineError is a file that would have to be fetched, while that is forbidden.
type OfflineError struct{ Wanted string }

func (e *OfflineError) Error() string {
	return e.Wanted + " is not in the store, and fetching is forbidden"
}

// NotFoundError is a file or package that no place has.
type NotFoundError struct {
	Wanted string
	// Places are the indexes or URLs that were asked, without credentials.
	Places []string
}

func (e *NotFoundError) Error() string {
	if len(e.Places) == 0 {
		return e.Wanted + " is nowhere to be found: no index is configured for it"
	}
	return e.Wanted + " is not at " + strings.Join(e.Places, ", nor at ")
}

// UnmatchedError is a package of which an index has files, and none that is listed with one of the lock's hashes.
type UnmatchedError struct {
	// Wanted is the package, Place the index, without credentials.
	Wanted, Place string
}

func (e *UnmatchedError) Error() string {
	return fmt.Sprintf("%s lists no file of %s with one of the lock's hashes", e.Place, e.Wanted)
}

// AuthError is a server that refuses who asks.
type AuthError struct {
	// URL is without credentials.
	URL    string
	Status int
	// Given says that a user name or password was sent.
	Given bool
}

func (e *AuthError) Error() string {
	what := "without a user name and password"
	if e.Given {
		what = "with the user name and password that are set for it"
	}
	return fmt.Sprintf("%s refuses access %s (status %d)", e.URL, what, e.Status)
}

// HashError is a file that has none of the lock's hashes.
type HashError struct {
	// Wanted is the file, From the index or URL, without credentials.
	Wanted, From string
	// Want are the lock's hashes, Got is the file's, as "sha256:<hex>".
	Want []string
	Got  string
	// Announced says that the index lists the file with another hash, so that it was not fetched.
	Announced bool
}

func (e *HashError) Error() string {
	verb := "has"
	if e.Announced {
		verb = "is listed with"
	}
	return fmt.Sprintf("%s at %s %s %s, the lock has %s", e.Wanted, e.From, verb, e.Got, strings.Join(e.Want, ", "))
}

// NoHashError is a file for which the lock has no hash that can be checked.
type NoHashError struct {
	Wanted string
	// Hash is the one that is not understood; empty where there is none at all.
	Hash string
}

func (e *NoHashError) Error() string {
	if e.Hash == "" {
		return "the lock has no hash for " + e.Wanted
	}
	return fmt.Sprintf("the lock has the hash %q for %s, which is none of sha256, sha384 or sha512", e.Hash, e.Wanted)
}

// StatusError is an answer that is neither the file nor a known way to say no.
type StatusError struct {
	// URL is without credentials.
	URL    string
	Status int
	// Wait says that the server asked for a longer wait than anybody would want.
	Wait string
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s answers with status %d", e.URL, e.Status)
	if e.Wait != "" {
		text += " and asks to wait for " + e.Wait
	}
	return text
}

// ConnectError is a server that cannot be reached, or a connection that broke.
type ConnectError struct {
	// URL is without credentials.
	URL string
	Err error
}

func (e *ConnectError) Error() string { return e.URL + ": " + e.Err.Error() }
func (e *ConnectError) Unwrap() error { return e.Err }

// PageError is an index's page that cannot be understood.
type PageError struct {
	// URL is without credentials.
	URL  string
	What string
}

func (e *PageError) Error() string { return e.URL + " is no page of a package index: " + e.What }

// summary makes one error of the places that do not have a file. An index that has it with other hashes says more than
// those that do not have it.
func summary(r Request, misses []error) error {
	all := &NotFoundError{Wanted: r.wanted()}
	for _, err := range misses {
		var missing *NotFoundError
		if !errors.As(err, &missing) {
			return err
		}
		all.Places = append(all.Places, missing.Places...)
	}
	all.Places = slices.Compact(all.Places)
	return all
}

// SizeError is a file that is larger than the lock, the index or reason allows.
type SizeError struct {
	// Wanted is the file, From the URL, without credentials.
	Wanted, From string
	// Limit is in bytes.
	Limit int64
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s at %s is larger than %d bytes", e.Wanted, e.From, e.Limit)
}
