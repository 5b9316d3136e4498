package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web"
)

const (
	// longestName is how many characters the name of an endpoint may have.
	longestName = 80
	// saveTime bounds a change of the file.
	saveTime = 10 * time.Second
)

// roleFlag is which way an endpoint works; empty goes by its address.
type roleFlag string

// UnmarshalText reads a role.
func (r *roleFlag) UnmarshalText(text []byte) error {
	if role, err := endpoint.ParseRole(string(text)); err == nil && role != endpoint.RoleAuto {
		*r = roleFlag(role)
		return nil
	}
	return &valueError{"role", string(text)}
}

// nameFlag is a name for an endpoint.
type nameFlag string

// UnmarshalText reads a name.
func (n *nameFlag) UnmarshalText(text []byte) error {
	name := strings.TrimSpace(string(text))
	if utf8.RuneCountInString(name) > longestName || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return &valueError{"name", clip(printable(name), longestName)}
	}
	*n = nameFlag(name)
	return nil
}

type endpointAddCmd struct {
	URL     string   `arg:"" name:"url" help:"${help_endpoint_add_url}"`
	Name    nameFlag `placeholder:"NAME" help:"${help_endpoint_add_name}"`
	Role    roleFlag `placeholder:"ROLE" complete:"role" help:"${help_endpoint_add_role}"`
	Replace bool     `help:"${help_endpoint_add_replace}"`
	fileFlags
	outputFlags
}

// addressOf is an address that a command was given; - stands for the first line of the
// standard input, so that the token is neither in the shell's history nor in the list of
// processes.
func addressOf(c *console, given string) (string, error) {
	given = strings.TrimSpace(given)
	if given != "-" {
		return given, nil
	}
	line, err := bufio.NewReader(io.LimitReader(c.in, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// addressTrouble says what is wrong with an address; empty when nothing is.
func addressTrouble(words *assets.Translator, address string) string {
	_, err := endpoint.Identify(secret.URL(address))
	var bad *endpoint.URLError
	switch {
	case errors.As(err, &bad):
		return words.Say(web.AddressKey(bad.Problem))
	case err != nil, strings.ContainsAny(address, " \t\r\n"):
		return words.Say("doctor.address.unreadable")
	}
	return ""
}

// Run writes an endpoint to the configuration file. As JSON it is the endpoint of the API.
func (a *endpointAddCmd) Run(c *console) error {
	address, err := addressOf(c, a.URL)
	if err != nil {
		return err
	}
	added := config.Endpoint{URL: secret.URL(address), Name: string(a.Name), Role: string(a.Role), Enabled: true, HealthCheck: true}
	if trouble := addressTrouble(c.words, address); trouble != "" {
		return errors.New(trouble)
	}
	id, err := endpoint.Identify(added.URL)
	if err != nil {
		return err
	}
	path, r, err := a.file(c)
	if err != nil {
		return err
	}
	if _, err := writeFirst(path); err != nil {
		return &exit{ExitConfig, err}
	}
	replaced := false
	err = a.modify(c, path, func(e *config.Edit) error {
		now, err := e.Config()
		if err != nil {
			return err
		}
		for _, there := range now.Endpoints {
			known, err := endpoint.Identify(there.URL)
			if err != nil || known.ID != id.ID {
				continue
			}
			if !a.Replace {
				return errors.New(c.words.Say("endpoint.twice", "name", candidateOf(there).label(c.words), "id", id.ID))
			}
			replaced = true
			next := there
			next.URL = added.URL
			if a.Name != "" {
				next.Name = added.Name
			}
			if a.Role != "" {
				next.Role = added.Role
			}
			added = next
			return e.UpdateEndpoint(there.URL, next)
		}
		return e.AddEndpoint(added)
	})
	if err != nil {
		return err
	}
	if a.JSON {
		return writeJSON(c.out, web.EndpointOf(added))
	}
	key := "endpoint.added"
	if replaced {
		key = "endpoint.replaced"
	}
	fmt.Fprintln(c.out, c.words.Say(key, "name", candidateOf(added).label(c.words), "id", id.ID, "path", path))
	tellIdentity(c, id, time.Now())
	tellTaken(c, r)
	return nil
}

// tellIdentity says what an address says about itself, and nothing of the token.
func tellIdentity(c *console, id endpoint.Identity, now time.Time) {
	if id.Agent != "" {
		fmt.Fprintln(c.out, c.words.Say("endpoint.agent", "agent", printable(id.Agent), "host", id.Host))
	} else {
		fmt.Fprintln(c.out, c.words.Say("endpoint.opaque", "host", id.Host))
	}
	if text := expiry(c.words, id.Expires, now); text != "" {
		fmt.Fprintln(c.out, c.words.Say("endpoint.token", "text", text))
	}
}

// tellTaken says when a change of the file takes effect.
func tellTaken(c *console, r *running) {
	key := "file.later"
	if r != nil {
		key = "file.live"
	}
	fmt.Fprintln(c.out, c.words.Say(key))
}

type endpointRemoveCmd struct {
	Name string `arg:"" complete:"endpoint" help:"${help_endpoint_name}"`
	fileFlags
	outputFlags
}

// Run takes an endpoint out of the configuration file. As JSON it is the endpoint of the
// API as it was.
func (d *endpointRemoveCmd) Run(c *console) error {
	path, r, err := d.file(c)
	if err != nil {
		return err
	}
	if _, err := readConfig(c, path); err != nil {
		return err
	}
	var removed config.Endpoint
	err = d.modify(c, path, func(e *config.Edit) error {
		now, err := e.Config()
		if err != nil {
			return err
		}
		var list []candidate
		for _, there := range now.Endpoints {
			list = append(list, candidateOf(there))
		}
		i, err := choose(c.words, list, d.Name)
		if err != nil {
			return err
		}
		removed = now.Endpoints[i]
		return e.RemoveEndpoint(removed.URL)
	})
	if err != nil {
		return err
	}
	if d.JSON {
		return writeJSON(c.out, web.EndpointOf(removed))
	}
	fmt.Fprintln(c.out, c.words.Say("endpoint.removed", "name", candidateOf(removed).label(c.words), "path", path))
	tellTaken(c, r)
	return nil
}

// candidateOf is an endpoint of the file as something to choose.
func candidateOf(e config.Endpoint) candidate {
	id, err := endpoint.Identify(e.URL)
	if err != nil { // it stands in the file, and no link is made of it
		return candidate{name: e.Name, host: e.URL.String()}
	}
	return candidate{id.ID, secret.Text(e.Name), id.Agent, id.Host}
}

// modify changes the configuration file, as the program that runs would: what was there is
// kept in the backups of the data folder.
func (f fileFlags) modify(c *console, path string, edit func(*config.Edit) error) error {
	params := Params{Data: f.Data}
	dir, err := params.dataDir()
	if err != nil {
		return err
	}
	store, err := config.Open(path, &config.StoreOptions{BackupDir: filepath.Join(dir, "backups")})
	if err != nil {
		return &exit{ExitConfig, err}
	}
	defer store.Close()
	if problem := store.Snapshot().Problem; problem != nil {
		return broken(c, path, problem)
	}
	ctx, cancel := context.WithTimeout(c.ctx, saveTime)
	defer cancel()
	_, err = store.Modify(ctx, "", edit)
	return err
}
