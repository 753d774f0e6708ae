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

// ParseConfig is ParseConfig with a memory for what has no errors. c may be nil, which has none.
func (c *Cache) ParseConfig(file string, data []byte) (*Config, error) {
	if c == nil || len(data) < shortConfig {
		return ParseConfig(file, data)
	}
	name := c.configName(data)
	if config := loadFrom(c, name, decodeConfig); config != nil {
		config.File, config.Source = file, string(data)
		return config, nil
	}
	config, err := ParseConfig(file, data)
	if err != nil {
		return nil, err
	}
	e := &encoder{}
	encodeConfig(e, config)
	c.write(name, configFile, e.buf)
	return config, nil
}

func (c *Cache) configName(data []byte) string {
	e := &encoder{}
	e.string(c.Build)
	h := sha256.New()
	h.Write(e.buf)
	h.Write(data)
	return configFile + hex.EncodeToString(h.Sum(nil)[:16])
}
