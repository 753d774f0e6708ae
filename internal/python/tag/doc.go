// Package tag reads the names of wheels, and ranks the tags in them for a machine.
//
// A wheel's name says where it can be installed: for which Python, with which binary interface, on which platform (PEP 425), Linux told
// apart by its C library, glibc (PEP 600) or musl (PEP 656). A release comes as dozens of wheels, of which several fit one machine; an
// installer takes the one whose tag ranks first there. Another choice works as well, as a rule, and is another file: so the
// ranks are those of Python's own packaging library, one by one.
package tag
