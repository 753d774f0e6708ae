// Package docker builds wheels in containers, which are like the machine that the wheels are for.
//
// # A container for a run
//
// Starting a container costs some tenths of a second, and a process in one some hundredths. So each image has one
// container a run, in which all builds are processes. They have nothing of each other: each has a user and a directory of
// its own, the system's files are read-only, and no process has a capability. The first process of the container waits
// until its standard input ends, which the engine sees to when this program is gone, however it went: then the container
// ends, with all that runs in it. What is left of it is removed by the next run that meets it.
//
// # Streams, and no mounts
//
// Nothing of this machine is mounted: that fails where the engine is on another one or in a container itself, and leaves
// files behind that belong to root. Sources go in as a tar archive on the standard input of a process, and results come
// out on its standard output. The engine's own calls for that do not see a tmpfs, which is where the work is done: an
// overlay is five times slower.
//
// # Settings that do not stay
//
// What a build needs to reach an index (mirrors, credentials, proxies, certificate authorities) goes in the same way, on
// the standard input of those processes that need it, and only to them. It is in no layer, no label, no process that the
// engine could list, and no log: what is written there goes through a filter that knows every secret that was handed in.
//
// The program at the other end is agent.py, of which a container gets the text as an argument. It needs nothing but the
// standard library of the image's Python.
package docker
