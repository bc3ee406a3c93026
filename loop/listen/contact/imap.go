package contact

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"parvis/loop/listen/contact/letter"
)

// Mailbox is where mails to the territories arrive (IMAP4rev1, RFC 3501).
type Mailbox struct {
	Address string // host:port
	TLS     string // "tls" (default), "starttls", "none" (loopback only)
	User    string
	Pass    string
	Folder  string // default INBOX
	Config  *tls.Config
}

// perPoll bounds one visit; the rest waits for the next.
const perPoll = 50

// Poll reads what is unseen, at most perPoll mails, files each and marks it seen.
// What cannot be filed for want of the database stays unseen. It returns how
// many were filed.
func (s *Service) Poll(ctx context.Context, m Mailbox) (int, error) {
	c, err := m.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() }) // a server that falls silent
	defer stop()
	if err := c.Login(m.User, m.Pass).Wait(); err != nil {
		return 0, fmt.Errorf("contact: signing in to the mailbox: %w", err)
	}
	folder := m.Folder
	if folder == "" {
		folder = "INBOX"
	}
	if _, err := c.Select(folder, nil).Wait(); err != nil {
		return 0, fmt.Errorf("contact: opening folder %s: %w", folder, err)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil {
		return 0, fmt.Errorf("contact: looking for mails: %w", err)
	}
	uids := found.AllUIDs()
	done := 0
	for _, uid := range uids[:min(len(uids), perPoll)] {
		if err := s.fetch(ctx, c, uid); err != nil {
			return done, err
		}
		done++
	}
	if err := c.Logout().Wait(); err != nil {
		return done, fmt.Errorf("contact: leaving the mailbox: %w", err)
	}
	return done, nil
}

// fetch reads and files one mail. One that is too large is not fetched.
func (s *Service) fetch(ctx context.Context, c *imapclient.Client, uid imap.UID) error {
	set := imap.UIDSetNum(uid)
	sizes, err := c.Fetch(set, &imap.FetchOptions{RFC822Size: true}).Collect()
	if err != nil {
		return fmt.Errorf("contact: measuring a mail: %w", err)
	}
	if len(sizes) == 1 && sizes[0].RFC822Size <= letter.MaxSize {
		section := &imap.FetchItemBodySection{Peek: true}
		list, err := c.Fetch(set, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		if err != nil {
			return fmt.Errorf("contact: fetching a mail: %w", err)
		}
		for _, x := range list {
			filed, err := s.Take(ctx, bytes.NewReader(x.FindBodySection(section)), "")
			if err != nil {
				return err
			}
			s.log.InfoContext(ctx, "mail filed", "as", string(filed))
		}
	} else if len(sizes) == 1 {
		s.log.WarnContext(ctx, "mail filed", "as", string(FiledTooLarge))
	}
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
	if err := c.Store(set, flags, nil).Close(); err != nil {
		return fmt.Errorf("contact: marking a mail: %w", err)
	}
	return nil
}

func (m Mailbox) dial(ctx context.Context) (*imapclient.Client, error) {
	host, _, err := net.SplitHostPort(m.Address)
	if err != nil {
		return nil, fmt.Errorf("contact: address of the mailbox: %w", err)
	}
	cfg := m.Config
	if cfg == nil {
		cfg = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, NextProtos: []string{"imap"}}
	}
	conn, err := (&net.Dialer{Timeout: 15 * time.Second}).DialContext(ctx, "tcp", m.Address)
	if err != nil {
		return nil, fmt.Errorf("contact: reaching the mailbox: %w", err)
	}
	switch m.TLS {
	case "", "tls":
		return imapclient.New(tls.Client(conn, cfg), nil), nil
	case "starttls":
		c, err := imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: cfg})
		if err != nil {
			return nil, fmt.Errorf("contact: starting TLS with the mailbox: %w", errors.Join(err, conn.Close()))
		}
		return c, nil
	case "none":
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, errors.Join(errors.New("contact: a mailbox without TLS is read on this machine only"), conn.Close())
		}
		return imapclient.New(conn, nil), nil
	}
	return nil, errors.Join(fmt.Errorf("contact: no way to secure a mailbox called %q", m.TLS), conn.Close())
}
