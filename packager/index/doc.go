// Package index fetches the files that a lock names from the package indexes of Python (PEP 503, 691, 700), into a store.
//
// A lock says which file, with which hash. So an index is never asked what to install, only where that file is, and it
// need not be trusted: a file that does not have one of the lock's hashes is an error, whoever sent it. That is also why
// several indexes can be searched, and why a mirror can stand in for the index that the lock names.
//
// What a company's network puts between a build and the index is set up already, for pip, Poetry or uv: a mirror, names and
// passwords, a proxy, a certificate authority. [ReadEnvironment] reads the variables of all three. Nothing of it is in a
// message: a URL is shown without user, password and query. What is sent to a host is what was set for that host, also
// behind a redirect.
//
// A download that breaks is taken up where it broke, if the file is still the same one; a server that is busy is asked again,
// later each time. Several requests for a file, in this process or in others that use the store, make one download.
//
// The way of a file:
//
//	client.go    the request; what the store has, and what --offline means
//	source.go    which indexes may have it, in which order        environment.go   what the variables say of that
//	page.go      an index's page → links (html.go, json.go)
//	download.go  a link → the store, with hashes, resumed
//	retry.go     how often, and how long in between
//	send.go      one request with its redirects                   credentials.go, netrc.go, transport.go   what it needs
package index
