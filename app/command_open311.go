package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"parvis/loop/listen/report/open311"
	"parvis/loop/listen/report/open311/exchange"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/tabular"
)

// open311Import is the command line of an import.
type open311Import struct {
	Source       []string          `arg:"" help:"Fichiers (XML ou JSON) ou adresse d'un serveur GeoReport v2." placeholder:"SOURCE"`
	Territory    string            `help:"Identifiant de la collectivité qui reçoit les signalements (c86194)." required:"" placeholder:"ID"`
	Jurisdiction string            `help:"jurisdiction_id du serveur." placeholder:"NOM"`
	Since        string            `help:"Premier jour à lire d'un serveur." default:"2010-01-01" placeholder:"AAAA-MM-JJ"`
	Map          map[string]string `help:"Code du service = code de notre catégorie ; répétable." placeholder:"CODE=CATÉGORIE"`
	Other        string            `help:"Catégorie des services que rien ne nomme." placeholder:"CATÉGORIE"`
	Photos       bool              `help:"Reprendre aussi les photos (media_url), en tâche de fond."`
	Push         bool              `help:"Transmettre aussitôt les signalements en attente aux serveurs réglés dans la collectivité, sans attendre la tâche de fond."`
	Report       string            `help:"Où écrire le compte rendu ligne par ligne." placeholder:"FICHIER"`
}

// maxDump bounds a dump, in bytes.
const maxDump = 256 << 20

func (r *run) importOpen311(ctx context.Context, cfg Config) (err error) {
	in := r.cmd.Import.Open311
	since, err := time.Parse(time.DateOnly, in.Since)
	if err != nil {
		return fault.New(fault.Invalid, "app.cmd.import.since", "Value", in.Since)
	}
	a, err := r.build(ctx, cfg, r.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	if _, err := a.Book.Get(ctx, in.Territory); err != nil {
		return fault.New(fault.Invalid, "app.cmd.import.closed", "ID", in.Territory).Because(err)
	}
	h := a.DB.In(in.Territory)
	if err := a.Reports.Seed(ctx, h); err != nil {
		return err
	}
	var whole exchange.Tally
	for _, source := range in.Source {
		t, failed := r.importSource(ctx, a, h, source, since)
		whole.Read, whole.Created, whole.Updated, whole.Unchanged = whole.Read+t.Read, whole.Created+t.Created, whole.Updated+t.Updated, whole.Unchanged+t.Unchanged
		whole.Refused = append(whole.Refused, t.Refused...)
		if failed != nil { // what was read before is told all the same
			err = failed
			break
		}
	}
	if in.Push {
		if n, failed := a.Open311.PushWaiting(ctx, h); failed != nil {
			err = errors.Join(err, failed)
		} else {
			fmt.Fprintln(r.out, r.words.T("app.cmd.import.pushed", "Count", n))
		}
	}
	return errors.Join(err, r.tellImport(a, whole))
}

func (r *run) importSource(ctx context.Context, a *App, h store.Handle, source string, since time.Time) (exchange.Tally, error) {
	in := r.cmd.Import.Open311
	what := exchange.Import{Source: "fichier", Map: in.Map, Other: in.Other, Photos: in.Photos}
	progress := func(t exchange.Tally) {
		fmt.Fprintln(r.out, r.words.T("app.cmd.import.progress", "Rows", t.Read))
	}
	if !strings.Contains(source, "://") {
		data, err := readDump(source)
		if err != nil {
			return exchange.Tally{}, err
		}
		t, err := a.Open311.FromDump(ctx, h, data, what, filepath.Base(source), progress)
		if errors.Is(err, open311.ErrNotGeoReport) {
			err = fault.New(fault.Invalid, "app.cmd.import.georeport", "Path", source).Because(err)
		}
		return t, err
	}
	client, err := open311.NewClient(open311.ClientOptions{Base: source, Jurisdiction: in.Jurisdiction, Allow: allowed(a.Config)})
	if err != nil {
		return exchange.Tally{}, fault.New(fault.Invalid, "app.cmd.import.address", "Address", source).Because(err)
	}
	what.Source = client.Base()
	t, err := a.Open311.FromServer(ctx, h, client, what, since, func(until time.Time, t exchange.Tally) {
		fmt.Fprintln(r.out, r.words.T("app.cmd.import.until", "Day", until.Format(time.DateOnly), "Rows", t.Read))
	})
	if err != nil && ctx.Err() == nil {
		err = fault.New(fault.Unavailable, "app.cmd.import.server", "Address", source).Because(err)
	}
	return t, err
}

// readDump reads a file whole, within bounds.
func readDump(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Invalid, "app.cmd.import.open", "Path", path).Because(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDump+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "app.cmd.import.open", "Path", path).Because(err)
	}
	if len(data) > maxDump {
		return nil, fault.New(fault.Invalid, "app.cmd.import.large", "Path", path, "Megabytes", maxDump>>20)
	}
	return data, nil
}

// allowed are the private networks of the configuration, checked when it was read.
func allowed(cfg Config) (out []netip.Prefix) {
	for _, x := range cfg.Open311Allow {
		if p, err := prefixOf(x); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// tellImport writes the summary, and one line per refused row.
func (r *run) tellImport(a *App, t exchange.Tally) error {
	fmt.Fprintln(r.out, r.words.T("app.cmd.import.summary", "Rows", t.Read, "Created", t.Created, "Updated", t.Updated, "Unchanged", t.Unchanged, "Refused", len(t.Refused)))
	if len(t.Refused) == 0 {
		return nil
	}
	path := r.cmd.Import.Open311.Report
	if path == "" {
		path = a.dataFile("import-open311-" + time.Now().Format("20060102-150405") + ".csv")
	}
	words := a.Catalog.Localizer(r.words.Lang())
	var rows [][]string
	for i, x := range t.Refused {
		where := x.Where
		if where == "" {
			where = strconv.Itoa(i + 1)
		}
		rows = append(rows, []string{where, x.ID, words.T(x.Key, x.Args...)})
	}
	body, err := tabular.CSV([]string{words.T("app.cmd.import.column.line"), "service_request_id", words.T("app.cmd.import.column.reason")}, rows)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, body, 0o644); err != nil {
		return fault.New(fault.Invalid, "app.cmd.import.open", "Path", path).Because(err)
	}
	fmt.Fprintln(r.out, r.words.T("app.cmd.import.report", "Path", path))
	return nil
}
