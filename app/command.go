package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"parvis/core/notify"
	"parvis/core/place"
	"parvis/core/portal"
	"parvis/core/territory"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
)

// commands is the command line. Help is French: its readers are French
// administrators; PARVIS_LANG=en speaks English where messages exist.
type commands struct {
	Config string `help:"Fichier de configuration (TOML)." env:"PARVIS_CONFIG" placeholder:"FICHIER"`

	Serve struct {
		Listen string `help:"Adresse et port d'écoute, avant ceux de la configuration." placeholder:"ADRESSE"`
	} `cmd:"" help:"Servir les pages, l'API et les tâches de fond."`
	Demo struct {
		Listen string `help:"Adresse et port d'écoute." default:"127.0.0.1:8080" placeholder:"ADRESSE"`
		Data   string `help:"Dossier des données, créé s'il manque." default:"./demo-data" placeholder:"DOSSIER"`
	} `cmd:"" help:"Préparer et servir une démonstration, sans rien régler."`
	Migrate struct{} `cmd:"" help:"Mettre le schéma de la base à jour, puis s'arrêter."`
	Import  struct {
		Places struct {
			File      string `arg:"" help:"Fichier CSV." placeholder:"FICHIER"`
			Territory string `help:"Identifiant de la collectivité qui reçoit tous les lieux (d86, c86194) ; sans lui, chacun va à son département." placeholder:"ID"`
			Report    string `help:"Où écrire le compte rendu ligne par ligne." placeholder:"FICHIER"`
		} `cmd:"" help:"Importer la liste des France services, avec leurs horaires."`
		Open311 open311Import `cmd:"" name:"open311" help:"Importer les signalements d'un serveur GeoReport v2 (FixMyStreet, autre Parvis) ou d'un fichier."`
		Mail    struct {
			Territory string `help:"Identifiant de la collectivité qui reçoit le courriel ; sans lui, l'adresse du destinataire le dit." placeholder:"ID"`
		} `cmd:"" help:"Recevoir un courriel lu sur l'entrée standard (pour un serveur de messagerie)."`
	} `cmd:"" help:"Importer des données."`
	Invite struct {
		Email     string `arg:"" help:"Adresse électronique de la personne." placeholder:"ADRESSE"`
		Name      string `help:"Son prénom et son nom." required:"" placeholder:"NOM"`
		Territory string `help:"Identifiant de la collectivité, ouverte si besoin (d86, c86194)." required:"" placeholder:"ID"`
		Role      string `help:"Son rôle : admin, operator, manager, agent, desk, elected, dpo." default:"admin" placeholder:"RÔLE"`
	} `cmd:"" help:"Inviter une personne : le premier administrateur, l'opérateur."`
	Tally   tallyFlags `cmd:"" help:"Recompter un budget participatif depuis son fichier publié."`
	Doctor  struct{}   `cmd:"" help:"Examiner l'installation et dire comment réparer."`
	Version struct{}   `cmd:"" help:"Dire la version."`
}

// run is one invocation.
type run struct {
	cmd      commands
	environ  []string
	out, err io.Writer
	words    *i18n.Localizer
}

// Main runs the program with its arguments and environment, and returns the
// exit code: 0 done, 1 failed, 2 the command line or the configuration is wrong.
func Main(args, environ []string, out, errOut io.Writer) int {
	r := &run{environ: environ, out: out, err: errOut, words: commandWords(environ)}
	code := -1
	parser, err := kong.New(&r.cmd, kong.Name("parvis"), kong.Description("Parvis, la place de la mairie : l'innovation publique d'une collectivité en un programme."),
		kong.Writers(out, errOut), kong.Exit(func(c int) { code = c }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	chosen, err := parser.Parse(args)
	if code >= 0 { // --help
		return code
	}
	if err != nil {
		fmt.Fprintln(errOut, r.words.T("app.cmd.unknown", "Error", r.said(err)))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	switch chosen.Command() {
	case "version":
		fmt.Fprintln(out, "parvis "+Version())
		return 0
	case "demo":
		if err := setListen(new(Config), r.cmd.Demo.Listen); err != nil {
			r.complain(flagError("--listen", err))
			return 2
		}
		return r.finish(r.demo(ctx))
	case "doctor":
		return r.doctor(ctx)
	case "tally <file>":
		return r.finish(r.tally(ctx))
	}
	cfg, err := LoadConfig(r.cmd.Config, environ)
	if err != nil {
		r.complain(err)
		return 2
	}
	switch chosen.Command() {
	case "serve":
		if l := r.cmd.Serve.Listen; l != "" {
			if err := setListen(&cfg, l); err != nil {
				r.complain(flagError("--listen", err))
				return 2
			}
		}
		return r.finish(r.serve(ctx, cfg))
	case "migrate":
		return r.finish(r.migrate(ctx, cfg))
	case "import open311 <source>":
		return r.finish(r.importOpen311(ctx, cfg))
	case "import mail":
		return r.importMail(ctx, cfg, os.Stdin)
	case "invite <email>":
		return r.finish(r.invite(ctx, cfg))
	default:
		return r.finish(r.importPlaces(ctx, cfg))
	}
}

// commandWords speaks French unless PARVIS_LANG says en.
func commandWords(environ []string) *i18n.Localizer {
	lang := i18n.French
	if slices.Contains(environ, "PARVIS_LANG=en") {
		lang = i18n.English
	}
	cat, err := i18n.New(locales, place.Locales, portal.Locales, territory.Locales, notify.Locales)
	if err != nil {
		cat, err = i18n.New(locales)
		if err != nil {
			return new(i18n.Localizer)
		}
	}
	return cat.Localizer(lang)
}

// complain writes an error for the person at the keyboard.
func (r *run) complain(err error) {
	f := fault.Of(err)
	switch {
	case len(f.Fields) > 0:
		fmt.Fprintln(r.err, r.words.T("app.config.title"))
		for _, x := range f.Fields {
			fmt.Fprintf(r.err, "  %s\u00a0: %s\n", x.Name, r.words.T(x.Key, x.Args...))
		}
	case f.Key != "":
		fmt.Fprintln(r.err, r.words.T(f.Key, f.Args...))
		if f.Cause != nil {
			fmt.Fprintln(r.err, "  "+f.Cause.Error())
		}
	default:
		fmt.Fprintln(r.err, r.words.T("app.cmd.failed", "Error", err.Error()))
	}
}

func (r *run) finish(err error) int {
	if err == nil || errors.Is(err, context.Canceled) {
		return 0
	}
	r.complain(err)
	return 1
}

func (r *run) logger(cfg Config) *slog.Logger {
	if cfg.LogJSON {
		return slog.New(slog.NewJSONHandler(r.err, nil))
	}
	return slog.New(slog.NewTextHandler(r.err, nil))
}

func (r *run) build(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	a, err := Build(ctx, cfg, Options{Clock: clock.System{}, Logger: log})
	if errors.Is(err, store.ErrUnavailable) {
		return nil, fault.New(fault.Unavailable, "app.cmd.database", "Target", databaseOf(cfg)).Because(err)
	}
	return a, err
}

// databaseOf names the database without its password.
func databaseOf(cfg Config) string {
	if i := strings.LastIndexByte(cfg.Database, '@'); i >= 0 {
		return "postgres://…@" + cfg.Database[i+1:]
	}
	return cfg.Database
}

func (r *run) serve(ctx context.Context, cfg Config) error {
	a, err := r.build(ctx, cfg, r.logger(cfg))
	if err != nil {
		return err
	}
	return r.listen(ctx, a, func(address string) {
		fmt.Fprintln(r.out, r.words.T("app.cmd.serve.started", "Version", Version(), "Address", address))
	})
}

// listen serves until the context ends, then lets requests and jobs finish.
func (r *run) listen(ctx context.Context, a *App, ready func(address string)) error {
	l, err := net.Listen("tcp", a.Config.Listen)
	if err != nil {
		return errors.Join(fault.New(fault.Unavailable, "app.cmd.listen", "Address", a.Config.Listen).Because(err), a.Close(ctx))
	}
	if err := a.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, l.Close(), a.Close(ctx))
	}
	srv := &http.Server{Handler: a.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	ready("http://" + l.Addr().String())
	select {
	case err = <-failed:
	case <-ctx.Done():
		fmt.Fprintln(r.out, r.words.T("app.cmd.stopping"))
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		err = srv.Shutdown(end)
	}
	return errors.Join(err, a.Close(context.WithoutCancel(ctx)))
}

func (r *run) demo(ctx context.Context) error {
	cfg, err := LoadConfig("", nil)
	if err != nil {
		return err
	}
	d := r.cmd.Demo
	cfg.Listen, cfg.Data, cfg.Demo = d.Listen, d.Data, true
	cfg.Database = "sqlite:" + filepath.Join(d.Data, "parvis.db")
	cfg.OperatorName, cfg.OperatorPhone, cfg.OperatorHours = "Parvis, démonstration", "05 36 49 00 86", "du lundi au vendredi, 9 h – 17 h"
	cfg.Name, cfg.MailFrom = "demo", "ne-pas-repondre@parvis.exemple.fr"
	fmt.Fprintln(r.out, r.words.T("app.cmd.demo.prepare"))
	a, err := r.build(ctx, cfg, slog.New(slog.NewTextHandler(r.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	accounts, err := a.FillDemo(ctx, func(name string) { fmt.Fprintln(r.out, r.words.T("app.cmd.demo.territory", "Name", name)) })
	if err != nil {
		return errors.Join(err, a.Close(ctx))
	}
	roles := a.Catalog.Localizer(r.words.Lang())
	return r.listen(ctx, a, func(address string) {
		fmt.Fprintln(r.out)
		fmt.Fprintln(r.out, r.words.T("app.cmd.demo.ready", "Address", address))
		fmt.Fprintln(r.out, r.words.T("app.cmd.demo.mailbox", "Address", address))
		fmt.Fprintln(r.out, r.words.T("app.cmd.demo.signin", "Address", address))
		for _, x := range accounts {
			fmt.Fprintln(r.out, r.words.T("app.cmd.demo.account", "Name", x.Name, "Role", roles.T(x.Role.Label()), "Place", x.Place))
		}
		fmt.Fprintln(r.out, r.words.T("app.cmd.demo.stop", "Data", d.Data))
	})
}

func (r *run) migrate(ctx context.Context, cfg Config) error {
	a, err := r.build(ctx, cfg, r.logger(cfg))
	if err != nil {
		return err
	}
	fmt.Fprintln(r.out, r.words.T("app.cmd.migrate.done", "Target", a.DB.Target()))
	return a.Close(ctx)
}

func (r *run) importPlaces(ctx context.Context, cfg Config) (err error) {
	in := r.cmd.Import.Places
	f, err := os.Open(in.File)
	if err != nil {
		return fault.New(fault.Invalid, "app.cmd.import.open", "Path", in.File).Because(err)
	}
	defer f.Close()
	a, err := r.build(ctx, cfg, r.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	if in.Territory != "" {
		if _, ok := a.Book.List().ByID(in.Territory); !ok {
			return fault.New(fault.Invalid, "app.cmd.import.territory", "ID", in.Territory)
		}
	}
	path := in.Report
	if path == "" {
		path = a.dataFile("import-" + time.Now().Format("20060102-150405") + ".csv")
	}
	w, err := os.Create(path) // before anything is imported: what cannot be reported is not done
	if err != nil {
		return fault.New(fault.Invalid, "app.cmd.import.open", "Path", path).Because(err)
	}
	rep, err := a.ImportPlaces(ctx, f, in.Territory, func(p place.Report) {
		if p.Rows%250 == 0 {
			fmt.Fprintln(r.out, r.words.T("app.cmd.import.progress", "Rows", p.Rows))
		}
	})
	// A file that breaks off half-way is reported up to there.
	if err := errors.Join(err, a.WriteReport(w, rep), w.Close()); err != nil {
		return err
	}
	fmt.Fprintln(r.out, r.words.T("app.cmd.import.summary", "Rows", rep.Rows, "Created", rep.Created, "Updated", rep.Updated, "Unchanged", rep.Unchanged, "Refused", rep.Refused))
	fmt.Fprintln(r.out, r.words.T("app.cmd.import.hours", "Read", rep.HoursRead, "Refused", rep.HoursRefused))
	fmt.Fprintln(r.out, r.words.T("app.cmd.import.report", "Path", path))
	return nil
}
