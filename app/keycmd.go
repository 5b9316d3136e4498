package app

import (
	"fmt"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

type keyCmd struct {
	Remove bool `help:"${help_config_key_remove}"`
	fileFlags
	outputFlags
}

// Run makes an access key for the dashboard, writes it into the configuration file and shows
// it; or removes the one there is.
func (k *keyCmd) Run(c *console) error {
	path, r, err := k.file(c)
	if err != nil {
		return err
	}
	if _, err := writeFirst(path); err != nil {
		return &exit{ExitConfig, err}
	}
	var key secret.Key
	if !k.Remove {
		key = secret.NewKey()
	}
	if err := k.modify(c, path, func(e *config.Edit) error { return e.SetAccessKey(key) }); err != nil {
		return err
	}
	switch {
	case k.JSON:
		return writeJSON(c.out, struct {
			Path      string `json:"path"`
			AccessKey string `json:"accessKey,omitempty"`
		}{path, key.Reveal()})
	case k.Remove:
		fmt.Fprintln(c.out, c.words.Say("key.removed", "path", path))
	default:
		fmt.Fprintln(c.out, c.words.Say("key.made", "key", key.Reveal(), "path", path))
	}
	tellTaken(c, r)
	return nil
}
