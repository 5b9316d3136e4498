package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/vitals"
	"xiaozhi-switchboard/web"
)

// Exit codes.
const (
	ExitOK     = 0
	ExitFailed = 1 // something went wrong while running, or the doctor found a fault
	ExitUsage  = 2 // the command line cannot be understood
	ExitPort   = 3 // the port cannot be had; nothing was started
	ExitConfig = 4 // the configuration cannot be used; nothing was started or changed
	// ExitNotRunning: the command is about the program that runs, and none does.
	ExitNotRunning = 5
)

// tellTime is how long a desktop may take to show why nothing was started.
const tellTime = 2 * time.Second

// programName is what the program is called on a command line.
const programName = "xiaozhi-switchboard"

// cli is the grammar of the command line. The tag complete says what can stand for a
// value: file, folder, or one of those that completer.values knows.
type cli struct {
	Run         runCmd         `cmd:"" default:"withargs" help:"${help_run}"`
	Status      statusCmd      `cmd:"" help:"${help_status}"`
	Endpoint    endpointCmd    `cmd:"" help:"${help_endpoint}"`
	Tool        toolCmd        `cmd:"" help:"${help_tool}"`
	Config      configCmd      `cmd:"" help:"${help_config}"`
	Doctor      doctorCmd      `cmd:"" help:"${help_doctor}"`
	Diagnostics diagnosticsCmd `cmd:"" help:"${help_diagnostics}"`
	Completion  completionCmd  `cmd:"" help:"${help_completion}"`
	Version     versionCmd     `cmd:"" help:"${help_version}"`
}

type runCmd struct {
	Config    string    `short:"c" placeholder:"FILE" complete:"file" help:"${help_run_config}"`
	Data      string    `placeholder:"DIR" complete:"folder" help:"${help_run_data}"`
	Host      string    `placeholder:"ADDRESS" help:"${help_run_host}"`
	Port      *portFlag `placeholder:"N" help:"${help_run_port}"`
	Headless  bool      `help:"${help_run_headless}"`
	Autostart bool      `help:"${help_run_autostart}"`
	Demo      bool      `help:"${help_run_demo}"`
	Endpoint  []string  `placeholder:"URL" sep:"none" help:"${help_run_endpoint}"`
	LogLevel  levelFlag `placeholder:"LEVEL" complete:"level" help:"${help_run_loglevel}"`

	Version kong.VersionFlag `help:"${help_version}"` // as people expect of any program
}

type doctorCmd struct {
	URL     string   `arg:"" help:"${help_doctor_url}"`
	Timeout patience `default:"10s" help:"${help_doctor_timeout}"`
	outputFlags
}

type versionCmd struct{ outputFlags }

// console is what a command works with.
type console struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
	words    *assets.Translator
}

// Main runs the command line and returns the exit code. It stops on SIGINT and
// SIGTERM; a second one ends the process at once.
func Main(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on signals have their usual effect
	return execute(args, console{ctx: ctx, in: os.Stdin, out: out, err: errOut, words: assets.Words(language(wished(args)))})
}

func execute(args []string, c console) (code int) {
	var grammar cli
	exited := -1
	parser := newParser(&c, &grammar, func(code int) { exited = code })
	if completes(args) {
		complete(&c, parser.Model, args)
		return ExitOK
	}
	if len(args) > 0 && args[0] == "help" { // as people expect, too
		args = append(slices.Clone(args[1:]), "--help")
	}
	parsed, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help, --version
		return exited
	case err != nil:
		fmt.Fprintln(c.err, c.words.Say("cli.usage", "reason", usageText(c.words, err)))
		return ExitUsage
	}
	err = parsed.Run()
	var done *exit
	if file := (*config.FileError)(nil); errors.As(err, &file) && !errors.As(err, &done) {
		err = &exit{ExitConfig, err}
	}
	if errors.As(err, &done) {
		if done.err != nil {
			fmt.Fprintln(c.err, c.words.Say("cli.failed", "reason", web.ErrorText(c.words, done.err)))
		}
		return done.code
	} else if err != nil {
		fmt.Fprintln(c.err, c.words.Say("cli.failed", "reason", web.ErrorText(c.words, err)))
		return ExitFailed
	}
	return ExitOK
}

// newParser reads the grammar in the language of a console. Exit is called after a help
// page.
func newParser(c *console, grammar *cli, exit func(int)) *kong.Kong {
	parser, err := kong.New(grammar, kong.Name(programName), kong.Description(c.words.Say("help.program")),
		kong.Writers(c.out, c.err), kong.Exit(exit), kong.Bind(c), helpTexts(c.words), kong.Vars{"version": versionLine()}, kong.Help(helpPage(c.words)))
	if err != nil {
		panic(err) // the grammar is part of the program
	}
	return parser
}

// exit is how a command asks for an exit code.
type exit struct {
	code int
	err  error // what to tell; nil when it was told
}

func (e *exit) Error() string { return fmt.Sprint("exit ", e.code) }

// Run runs the program until it is told to stop.
func (r *runCmd) Run(c *console) error {
	port := -1
	if r.Port != nil {
		port = int(*r.Port)
	}
	for i, given := range r.Endpoint {
		address, err := addressOf(c, given)
		if err != nil {
			return err
		}
		if trouble := addressTrouble(c.words, address); trouble != "" {
			return &exit{ExitUsage, errors.New(c.words.Say("problem.in.key", "key", "--endpoint", "text", trouble))}
		}
		r.Endpoint[i] = address
	}
	err := Run(c.ctx, Params{Config: r.Config, Data: r.Data, Host: r.Host, Port: port, Endpoints: r.Endpoint,
		LogLevel: string(r.LogLevel), Demo: r.Demo, Desktop: !r.Headless, Autostart: r.Autostart, Terminal: c.err, Out: c.out})
	var (
		taken *web.PortError
		file  *config.FileError
		other *desktop.RunningError
	)
	switch {
	case errors.As(err, &other):
		return r.showOther(c, other)
	case errors.As(err, &taken):
		return &exit{ExitPort, errors.New(portText(c.ctx, c.words, taken))}
	case errors.As(err, &file):
		r.tellOnDesktop(c, err)
		return &exit{ExitConfig, err}
	}
	return err
}

// tellOnDesktop shows why the program did not start to whoever clicked on it: there may
// be no terminal that says so.
func (r *runCmd) tellOnDesktop(c *console, err error) {
	if r.Headless || tray.Available() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, tellTime)
	defer cancel()
	note := desktop.Note{Title: c.words.Say("run.failed"), Body: web.ErrorText(c.words, err)}
	_ = desktop.Show(ctx, c.words.Say("app.name"), note) // the terminal has it as well
}

// portText says why a port cannot be had, and who has it where the system tells.
func portText(ctx context.Context, words *assets.Translator, e *web.PortError) string {
	key := "port.unusable"
	switch e.Problem {
	case web.PortInUse:
		if program, pid := vitals.PortHolder(ctx, e.Port); printable(program) != "" {
			return words.Say("port.inuse.by", "port", fmt.Sprint(e.Port), "host", e.Host, "program", printable(program), "pid", fmt.Sprint(pid))
		}
		key = "port.inuse"
	case web.PortNotPermitted:
		key = "port.denied"
	case web.PortNotLoopback:
		key = "port.notloopback"
	}
	return words.Say(key, "port", fmt.Sprint(e.Port), "host", e.Host, "reason", fmt.Sprint(e.Err))
}

// Run examines one address.
func (d *doctorCmd) Run(c *console) error {
	address, err := addressOf(c, d.URL)
	if err != nil {
		return err
	}
	if d.JSON {
		return d.runJSON(c, address)
	}
	well, err := Doctor(c.ctx, c.out, c.words, address, time.Duration(d.Timeout))
	if c.ctx.Err() != nil || err == nil && !well { // whoever interrupts it knows
		return &exit{code: ExitFailed}
	}
	return err
}

// runJSON examines one address and writes what the API answers to the same.
func (d *doctorCmd) runJSON(c *console, address string) error {
	report, err := endpoint.Examine(c.ctx, endpoint.Endpoint{URL: secret.URL(address)}, &endpoint.Options{ConnectionTimeout: time.Duration(d.Timeout)})
	if err != nil {
		return &exit{code: ExitFailed} // whoever interrupts it knows
	}
	if err := writeJSON(c.out, web.ExaminationOf(c.words, report, time.Now(), time.Local)); err != nil || report.OK {
		return err
	}
	return &exit{code: ExitFailed}
}

// Run says which version this is.
func (v versionCmd) Run(c *console) error {
	if v.JSON {
		return writeJSON(c.out, struct {
			Version string `json:"version"`
			Commit  string `json:"commit,omitempty"`
			Day     string `json:"day,omitempty"`
			Go      string `json:"go"`
			System  string `json:"system"`
		}{Version(), stampedCommit, stampedDay, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
	}
	fmt.Fprintln(c.out, versionLine())
	return nil
}
