package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web"
)

// Exit codes.
const (
	ExitOK     = 0
	ExitFailed = 1 // something went wrong while running, or the doctor found a fault
	ExitUsage  = 2 // the command line cannot be understood
	ExitPort   = 3 // the port cannot be had; nothing was started
	ExitConfig = 4 // the configuration cannot be used; nothing was started
)

// cli is the grammar of the command line.
type cli struct {
	Run     runCmd     `cmd:"" default:"withargs" help:"${help_run}"`
	Doctor  doctorCmd  `cmd:"" help:"${help_doctor}"`
	Config  configCmd  `cmd:"" help:"${help_config}"`
	Version versionCmd `cmd:"" help:"${help_version}"`
}

type runCmd struct {
	Config    string    `short:"c" placeholder:"FILE" help:"${help_run_config}"`
	Data      string    `placeholder:"DIR" help:"${help_run_data}"`
	Port      *portFlag `placeholder:"N" help:"${help_run_port}"`
	Headless  bool      `help:"${help_run_headless}"`
	Autostart bool      `help:"${help_run_autostart}"`
	Demo      bool      `help:"${help_run_demo}"`
	Endpoint  []string  `placeholder:"URL" sep:"none" help:"${help_run_endpoint}"`
	LogLevel  levelFlag `placeholder:"LEVEL" help:"${help_run_loglevel}"`
}

type doctorCmd struct {
	URL     string   `arg:"" help:"${help_doctor_url}"`
	Timeout patience `default:"10s" help:"${help_doctor_timeout}"`
}

type configCmd struct {
	Check checkCmd `cmd:"" help:"${help_config_check}"`
}

type checkCmd struct {
	File string `arg:"" optional:"" help:"${help_config_check_file}"`
}

type versionCmd struct{}

// console is what a command works with.
type console struct {
	ctx      context.Context
	out, err io.Writer
	words    *assets.Translator
}

// Main runs the command line and returns the exit code. It stops on SIGINT and
// SIGTERM; a second one ends the process at once.
func Main(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on signals have their usual effect
	return execute(args, console{ctx: ctx, out: out, err: errOut, words: assets.Words(language(""))})
}

func execute(args []string, c console) (code int) {
	var grammar cli
	exited := -1
	parser, err := kong.New(&grammar, kong.Name("xiaozhi-switchboard"), kong.Description(c.words.Say("help.program")),
		kong.Writers(c.out, c.err), kong.Exit(func(code int) { exited = code }), kong.Bind(&c), helpTexts(c.words),
		kong.Help(helpPage(c.words)))
	if err != nil {
		panic(err) // the grammar is part of the program
	}
	parsed, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help
		return exited
	case err != nil:
		fmt.Fprintln(c.err, c.words.Say("cli.usage", "reason", usageText(c.words, err)))
		return ExitUsage
	}
	var done *exit
	if err := parsed.Run(); errors.As(err, &done) {
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
	err := Run(c.ctx, Params{Config: r.Config, Data: r.Data, Port: port, Endpoints: r.Endpoint,
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
		return &exit{ExitPort, errors.New(portText(c.words, taken))}
	case errors.As(err, &file):
		return &exit{ExitConfig, err}
	}
	return err
}

func portText(words *assets.Translator, e *web.PortError) string {
	key := "port.unusable"
	switch e.Problem {
	case web.PortInUse:
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
	well, err := Doctor(c.ctx, c.out, c.words, d.URL, time.Duration(d.Timeout))
	if c.ctx.Err() != nil || err == nil && !well { // whoever interrupts it knows
		return &exit{code: ExitFailed}
	}
	return err
}

// Run checks one file.
func (k *checkCmd) Run(c *console) error {
	path, err := desktop.FindConfig(k.File)
	if err != nil {
		return err
	}
	well, err := checkFile(c.out, c.words, path)
	if err == nil && !well {
		return &exit{code: ExitConfig}
	}
	return err
}

// Run says which version this is.
func (versionCmd) Run(c *console) error {
	fmt.Fprintln(c.out, "xiaozhi-switchboard", Version()+origin())
	return nil
}
