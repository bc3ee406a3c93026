package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/fault"
	"parvis/platform/job"
	"parvis/platform/store"
)

// media is a photo to fetch from another server.
type media struct {
	Territory string           `json:"territory"`
	Report    store.ID         `json:"report"`
	URL       string           `json:"url"`
	Role      report.PhotoRole `json:"role"`
	Peer      string           `json:"peer,omitempty"`
}

const fetchKind = "open311.media"

// fetchLater asks for the photo once the transaction is done.
func (b Reports) fetchLater(ctx context.Context, tx *store.Tx, m media) error {
	m.Territory = tx.Territory()
	return b.Queue.Enqueue(ctx, tx, fetchKind, m, job.Key(fmt.Sprintf("%s %s %s %s", m.Territory, m.Report, m.Role, m.URL)))
}

// fetch gets, cleans and keeps a photo. What is no photo, or may not be asked, is
// given up: the report stands without.
func (b Reports) fetch(ctx context.Context, j job.Job[media]) error {
	m := j.Args
	c, err := open311.NewClient(open311.ClientOptions{Base: "https://media.invalid", Allow: b.Allow, Timeout: 20 * time.Second, Tries: 1})
	if err != nil {
		return err
	}
	data, err := c.Media(ctx, m.URL)
	var refused *open311.Refused
	if errors.Is(err, open311.ErrAddress) || errors.As(err, &refused) && refused.Status < 500 {
		return job.Dead(err)
	}
	if err != nil {
		return err
	}
	_, err = b.AddPhoto(ctx, b.DB.In(m.Territory), m.Report, m.Role, bytes.NewReader(data))
	if fault.Is(err, fault.Invalid) {
		return job.Dead(err)
	}
	return err
}
