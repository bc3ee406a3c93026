package open311

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"time"

	"parvis/platform/geo"
)

// Posting is a report to give to another server.
type Posting struct {
	ServiceCode        string
	Point              *geo.Point
	Address, AddressID string
	Description        string
	Attributes         map[string][]string
	Email, Phone       string
	FirstName          string
	LastName           string
	MediaURL           string
	Photos             [][]byte // JPEG, sent as photo1, photo2…
	Key                string   // Idempotency-Key: posted twice, taken once
}

// Post gives a report. It is tried again only with a Key: a server that does not
// know the header may then take it twice, one that does takes it once.
func (c *Client) Post(ctx context.Context, p Posting) (Receipt, error) {
	form := url.Values{"service_code": {p.ServiceCode}, "description": {p.Description}, "address_string": {p.Address}, "address_id": {p.AddressID},
		"email": {p.Email}, "phone": {p.Phone}, "first_name": {p.FirstName}, "last_name": {p.LastName}, "media_url": {p.MediaURL}}
	if p.Point != nil {
		form.Set("lat", strconv.FormatFloat(p.Point.Lat, 'f', -1, 64))
		form.Set("long", strconv.FormatFloat(p.Point.Lon, 'f', -1, 64))
	}
	for code, values := range p.Attributes {
		if len(values) == 1 {
			form.Set("attribute["+code+"]", values[0])
			continue
		}
		for _, v := range values {
			form.Add("attribute["+code+"][]", v)
		}
	}
	body, err := c.post(ctx, "/requests.xml", form, p.Photos, p.Key)
	if err != nil {
		return Receipt{}, err
	}
	return ReadReceipt(body)
}

// PostUpdate tells what happened to a request of the other server.
func (c *Client) PostUpdate(ctx context.Context, u Update, photos [][]byte) error {
	form := url.Values{"update_id": {u.ID}, "service_request_id": {u.RequestID}, "status": {u.Status}, "updated_datetime": {u.At.UTC().Format(time.RFC3339)},
		"description": {u.Description}, "media_url": {u.MediaURL}}
	_, err := c.post(ctx, "/servicerequestupdates.xml", form, photos, u.ID)
	return err
}

func (c *Client) post(ctx context.Context, path string, form url.Values, photos [][]byte, key string) ([]byte, error) {
	form.Set("api_key", c.o.Key)
	form.Set("jurisdiction_id", c.o.Jurisdiction)
	for name, values := range form {
		if len(values) == 1 && values[0] == "" {
			form.Del(name)
		}
	}
	x := call{method: http.MethodPost, address: c.base.String() + path, key: key, limit: c.o.MaxBytes,
		body: []byte(form.Encode()), contentType: "application/x-www-form-urlencoded; charset=utf-8"}
	if len(photos) > 0 {
		var err error
		if x.body, x.contentType, err = withPhotos(form, photos); err != nil {
			return nil, err
		}
	}
	return c.do(ctx, x)
}

func withPhotos(form url.Values, photos [][]byte) ([]byte, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range form {
		for _, v := range values {
			if err := w.WriteField(name, v); err != nil {
				return nil, "", fmt.Errorf("open311: writing a form: %w", err)
			}
		}
	}
	for i, photo := range photos {
		name := "photo" + strconv.Itoa(i+1)
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s.jpg"`, name, name)},
			"Content-Type": {"image/jpeg"}})
		if err == nil {
			_, err = part.Write(photo)
		}
		if err != nil {
			return nil, "", fmt.Errorf("open311: writing a photo: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", fmt.Errorf("open311: writing a form: %w", err)
	}
	return b.Bytes(), w.FormDataContentType(), nil
}
