package workspace

import (
	"crypto/sha256"
	"encoding/hex"
)

// configFile is the kind of file in which the cache keeps what a seed.yml says, by its content: to read the YAML of one
// that registers thousands of services takes longer than all the rest of a plan.
const configFile = "config-"

// shortConfig is how many bytes of YAML are read as fast as a file of the cache.
const shortConfig = 8 << 10

// ParseConfig is ParseConfig with a memory. c may be nil, which has none.
func (c *Cache) ParseConfig(file string, data []byte) (*Config, error) {
	if c == nil || len(data) < shortConfig {
		return ParseConfig(file, data)
	}
	return parseConfig(file, data, c.readYAML)
}

// readYAML reads a text as the function of that name does. What is no YAML, or has aliases, is not kept.
func (c *Cache) readYAML(data []byte) ([]*yamlNode, error) {
	e := &encoder{}
	e.string(c.Build)
	h := sha256.New()
	h.Write(e.buf)
	h.Write(data)
	name := configFile + hex.EncodeToString(h.Sum(nil)[:16])
	if d := c.read(name); d != nil {
		if documents := decodeNodes(d); d.err == nil {
			return documents, nil
		}
	}
	documents, err := readYAML(data)
	if err != nil {
		return nil, err
	}
	e = &encoder{}
	if encodeNodes(e, documents) {
		c.write(name, configFile, e.buf)
	}
	return documents, nil
}

// encodeNodes writes nodes, each with what is below it, and how many there are in all. It reports false for what it
// does not write.
func encodeNodes(e *encoder, documents []*yamlNode) bool {
	all := 0
	if !countNodes(documents, &all) {
		return false
	}
	e.int(all)
	encodeList(e, documents, encodeNode)
	return true
}

// countNodes reports false where there is an alias.
func countNodes(nodes []*yamlNode, n *int) bool {
	for _, node := range nodes {
		*n++
		if node.kind == yamlAlias || !countNodes(node.content, n) {
			return false
		}
	}
	return true
}

func encodeNode(e *encoder, n *yamlNode) {
	e.int(int(n.kind))
	e.string(n.text)
	e.bool(n.plain)
	e.string(n.tag)
	e.int(n.line)
	e.int(n.column)
	encodeList(e, n.content, encodeNode)
}

// decodeNodes reads what encodeNodes wrote.
func decodeNodes(d *decoder) []*yamlNode {
	room := nodeRoom{nodes: make([]yamlNode, d.count())}
	room.pointers = make([]*yamlNode, len(room.nodes))
	return room.list(d)
}

// nodeRoom is the memory for all nodes of a text, taken at once.
type nodeRoom struct {
	nodes    []yamlNode
	pointers []*yamlNode
}

func (r *nodeRoom) list(d *decoder) []*yamlNode {
	n := d.count()
	if n > len(r.pointers) || n > len(r.nodes) {
		d.err = errCorrupt
		return nil
	}
	list := r.pointers[:n:n]
	r.pointers = r.pointers[n:]
	for i := range list {
		if len(r.nodes) == 0 || d.err != nil {
			d.err = errCorrupt
			return nil
		}
		list[i], r.nodes = &r.nodes[0], r.nodes[1:]
		r.node(d, list[i])
	}
	return list
}

func (r *nodeRoom) node(d *decoder, n *yamlNode) {
	*n = yamlNode{
		kind: yamlKind(d.int()), text: d.string(), plain: d.bool(), tag: d.string(), line: d.int(), column: d.int(),
	}
	n.content = r.list(d)
}
