package app

import (
	"path/filepath"

	"xiaozhi-switchboard/app/desktop"
)

func (p *Params) dataDir() (string, error) {
	if p.Data != "" {
		return filepath.Abs(p.Data)
	}
	return desktop.DataDir()
}

func (p *Params) configFile() (string, error) { return desktop.FindConfig(p.Config) }
