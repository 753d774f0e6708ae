package docker

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// The files of an SSH agent in a container, in memory.
const (
	agentSocket    = "/dev/shm/monoplan-ssh/agent"
	knownHostsFile = "/dev/shm/monoplan-0/known_hosts"
)

// relay is a socket in a container behind which this machine's SSH agent is. No key leaves the agent.
type relay struct {
	*process
	local string

	mu    sync.Mutex
	conns map[uint32]net.Conn
}

// relay lets the processes of a task, which root runs, use the SSH agent of this machine.
func (r *run) relay(ctx context.Context, t *task) (*relay, error) {
	ready := &signal{word: []byte("listening"), seen: make(chan struct{})}
	p, err := r.exec(ctx, 0, ready, "relay", agentSocket)
	if err != nil {
		return nil, err
	}
	select {
	case <-ready.seen:
	case <-p.over:
		p.close()
		return nil, errors.Join(fmt.Errorf("passing on the SSH agent: %s", ready.String()), ctx.Err())
	}
	t.addFile(knownHostsFile, r.settings.knownHosts)
	t.Set["SSH_AUTH_SOCK"] = agentSocket
	t.Set["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes -o IdentityAgent=" + agentSocket + " -o UserKnownHostsFile=" + knownHostsFile
	a := &relay{process: p, local: r.settings.agent, conns: map[uint32]net.Conn{}}
	go a.serve()
	return a, nil
}

// serve passes frames on until the process ends.
func (a *relay) serve() {
	defer a.hangUp()
	for {
		number, data, err := readFrame(a.out)
		if err != nil {
			return
		}
		a.mu.Lock()
		conn := a.conns[number]
		a.mu.Unlock()
		if conn == nil && len(data) > 0 {
			if conn, err = net.Dial("unix", a.local); err != nil {
				a.send(number, nil)
				continue
			}
			a.mu.Lock()
			a.conns[number] = conn
			a.mu.Unlock()
			go a.back(number, conn)
		}
		switch {
		case conn == nil:
		case len(data) == 0:
			conn.Close()
		default:
			_, _ = conn.Write(data) // an agent that has gone ends what comes back
		}
	}
}

// back passes on what the agent says.
func (a *relay) back(number uint32, conn net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := conn.Read(buffer)
		if n > 0 {
			a.send(number, buffer[:n])
		}
		if err != nil {
			a.send(number, nil)
			return
		}
	}
}

// send sends a frame. Where the process is gone nobody waits for it.
func (a *relay) send(number uint32, data []byte) {
	frame := binary.BigEndian.AppendUint32(nil, number)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(data)))
	a.mu.Lock()
	defer a.mu.Unlock()
	_, _ = a.conn.Conn.Write(append(frame, data...))
}

func (a *relay) hangUp() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, conn := range a.conns {
		conn.Close()
	}
}

// close ends the process.
func (a *relay) close() {
	a.conn.Close()
	<-a.over
	a.stop()
}

// longestFrame bounds what the agent in the container sends at once, in bytes.
const longestFrame = 1 << 16

func readFrame(r io.Reader) (number uint32, data []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(head[4:])
	if length > longestFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes", length)
	}
	data = make([]byte, length)
	_, err = io.ReadFull(r, data)
	return binary.BigEndian.Uint32(head[:4]), data, err
}

// signal waits for a word on standard error.
type signal struct {
	lastWords
	word []byte
	once sync.Once
	seen chan struct{}
}

func (s *signal) Write(b []byte) (int, error) {
	n, err := s.lastWords.Write(b)
	if bytes.Contains([]byte(s.String()), s.word) {
		s.once.Do(func() { close(s.seen) })
	}
	return n, err
}
