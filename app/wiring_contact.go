package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"

	"parvis/core/link"
	"parvis/core/territory"
	"parvis/loop/listen/contact"
	"parvis/loop/listen/report"
	"parvis/platform/fault"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/search"
	"parvis/platform/store"
)

// contactRoom builds the ledger of contributions, and lets it answer the texts
// it understands.
func (a *App) contactRoom(cfg Config) (err error) {
	d := contact.Deps{DB: a.DB, Dossiers: a.Dossiers, Hub: a.Hub, Bus: a.Bus, Log: a.log, Region: a.regionFor, Report: a.reportSaid, Files: a.keepFile, MailFor: a.mailFor}
	if cfg.InboxHost != "" {
		d.Mailbox = &contact.Mailbox{Address: net.JoinHostPort(cfg.InboxHost, strconv.Itoa(cfg.InboxPort)), TLS: cfg.InboxTLS, User: cfg.InboxUser, Pass: cfg.InboxPassword, Folder: cfg.InboxFolder}
	}
	if a.Contact, err = contact.New(d); err != nil {
		return err
	}
	a.Hub.Understand(func(ctx context.Context, tx *store.Tx, text string) (bool, error) {
		if t, err := a.Book.Get(ctx, tx.Territory()); err != nil || !t.Settings.Open("contact") {
			return false, err
		}
		return a.Contact.Understands(ctx, tx, text)
	})
	return nil
}

// regionFor reads the numbers of a territory as its people write them.
func (a *App) regionFor(ctx context.Context, id string) string {
	t, err := a.Book.Get(ctx, id)
	if err != nil {
		return phone.Mainland
	}
	return phone.Region(t.Official.Departement)
}

// reportSaid opens a report of what somebody said by SMS, mail or voice: in the
// category whose words it uses, otherwise in the last one, which is the others'.
func (a *App) reportSaid(ctx context.Context, tx *store.Tx, r contact.Reported) (ref, number string, err error) {
	t, err := a.Book.Get(ctx, tx.Territory())
	if err != nil {
		return "", "", err
	}
	if !t.Settings.Open("report") {
		return "", "", fault.New(fault.Invalid, "contact.error.kind")
	}
	list, err := a.Reports.Categories(ctx, tx)
	if err != nil {
		return "", "", err
	}
	category, ok := categoryFor(list, r.Text)
	if !ok {
		return "", "", fault.New(fault.Invalid, "contact.error.kind")
	}
	x, err := a.Reports.OpenIn(ctx, tx, report.Draft{Category: category, Text: r.Text, Address: r.Place, Channel: r.Channel, Contact: report.Contact{Phone: r.Person.Phone, Email: r.Person.Email},
		Staff: r.Staff, Lang: r.Person.Lang, Key: "contact:" + r.Key, Trusted: true})
	if err != nil {
		return "", "", fmt.Errorf("app: a report said otherwise than online: %w", err)
	}
	return string(link.To("report", x.ID)), x.Number, nil
}

// categoryFor is the active category that shares most words with a text.
func categoryFor(list []report.Category, text string) (store.ID, bool) {
	said := " " + search.Fold(text) + " "
	var best, other store.ID
	most := 0
	for _, c := range list {
		if !c.Active || c.Detail.V.Sensitive {
			continue
		}
		other = c.ID
		n := 0
		for _, w := range append(search.Words(c.Label), c.Detail.V.Keywords...) {
			if w = search.Fold(w); len(w) > 3 && strings.Contains(said, " "+w) {
				n++
			}
		}
		if n > most {
			best, most = c.ID, n
		}
	}
	if most > 0 {
		return best, true
	}
	return other, other != 0
}

// keepFile keeps what was joined to a mail.
func (a *App) keepFile(ctx context.Context, key string, r io.Reader, contentType string) error {
	_, err := a.Files.Put(ctx, key, r, contentType)
	return err
}

// replyTo is the address of an answer by mail: the mailbox's own, with the token
// after a plus sign (RFC 5233). "" while no mailbox is read.
func (a *App) replyTo(token string) string {
	name, domain, ok := strings.Cut(a.Config.InboxAddress, "@")
	if !ok {
		return ""
	}
	return name + "+" + token + "@" + domain
}

// mailFor finds the territory a mail was sent to: by its name after a plus sign
// in the mailbox's address, « demandes+poitiers@ », or by the address of its
// settings.
func (a *App) mailFor(ctx context.Context, to []string) (string, error) {
	own, domain, _ := strings.Cut(strings.ToLower(a.Config.InboxAddress), "@")
	for _, address := range to {
		name, at, _ := strings.Cut(address, "@")
		if slug, ok := strings.CutPrefix(name, own+"+"); ok && own != "" && at == domain {
			found, err := a.Book.BySegment(ctx, slug)
			if err == nil {
				return found.Territory, nil
			}
			continue // no territory of that name: the others may be one
		}
	}
	found := ""
	err := a.Book.All(ctx, func(t *territory.Territory) error {
		if x, err := mail.ParseAddress(t.Settings.Email); err == nil && found == "" && slices.Contains(to, strings.ToLower(x)) {
			found = t.ID
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("app: whose mail: %w", err)
	}
	return found, nil
}
