package app

import (
	"strings"

	"github.com/alecthomas/kong"

	"xiaozhi-switchboard/assets"
)

// helpTexts fills the ${help_…} of the grammar with the texts of a language: the
// key of ${help_run_port} is "help.run.port".
func helpTexts(words *assets.Translator) kong.Vars {
	vars := kong.Vars{}
	for _, name := range []string{
		"help_run", "help_run_config", "help_run_data", "help_run_port", "help_run_headless", "help_run_autostart", "help_run_demo",
		"help_run_endpoint", "help_run_loglevel", "help_doctor", "help_doctor_url", "help_doctor_timeout",
		"help_config", "help_config_check", "help_config_check_file", "help_version",
	} {
		vars[name] = words.Say(strings.ReplaceAll(name, "_", "."))
	}
	return vars
}
