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
		"help_run", "help_run_config", "help_run_data", "help_run_host", "help_run_port", "help_run_headless", "help_run_autostart", "help_run_demo",
		"help_run_endpoint", "help_run_loglevel", "help_doctor", "help_doctor_url", "help_doctor_timeout",
		"help_diagnostics", "help_diagnostics_file",
		"help_config", "help_config_check", "help_config_check_file", "help_version",
		"help_status", "help_endpoint", "help_endpoint_list", "help_endpoint_add", "help_endpoint_add_url",
		"help_endpoint_add_name", "help_endpoint_add_role", "help_endpoint_add_replace", "help_endpoint_remove", "help_endpoint_pause",
		"help_endpoint_resume", "help_endpoint_reconnect", "help_endpoint_name", "help_endpoint_all", "help_endpoint_for",
		"help_tool", "help_tool_list", "help_tool_call", "help_tool_name", "help_tool_arguments",
		"help_config_path", "help_config_import", "help_config_import_file", "help_config_import_yes", "help_config_import_dry",
		"help_config_key", "help_config_key_remove", "help_completion", "help_completion_shell", "help_place_data", "help_output_json", "help_file_config",
	} {
		vars[name] = words.Say(strings.ReplaceAll(name, "_", "."))
	}
	return vars
}
