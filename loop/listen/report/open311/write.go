package open311

import "strings"

// Services answers GET /services.
func Services(all []Service) Answer {
	return Answer{listNode("services", all, func(s Service) node {
		return recordNode("service", textNode("service_code", s.Code), textNode("service_name", s.Name), textNode("description", s.Description),
			boolNode("metadata", s.Metadata), textNode("type", s.Type), textNode("keywords", strings.Join(s.Keywords, ", ")), textNode("group", s.Group))
	})}
}

// ServiceDefinition answers GET /services/{code}.
func ServiceDefinition(d Definition) Answer {
	attributes := listNode("attributes", d.Attributes, func(a Attribute) node {
		values := node{name: "values"}
		if len(a.Values) > 0 {
			values = listNode("values", a.Values, func(v Value) node {
				return recordNode("value", textNode("key", v.Key), textNode("name", v.Name))
			})
		}
		return recordNode("attribute", boolNode("variable", a.Variable), textNode("code", a.Code), textNode("datatype", a.Datatype),
			boolNode("required", a.Required), textNode("datatype_description", a.DatatypeDescription), intNode("order", a.Order),
			textNode("description", a.Description), values)
	})
	return Answer{recordNode("service_definition", textNode("service_code", d.ServiceCode), attributes)}
}

// Requests answers GET /requests, and GET /requests/{id} with one.
func Requests(all []Request) Answer {
	return Answer{listNode("service_requests", all, requestNode)}
}

func requestNode(r Request) node {
	lat, long := node{name: "lat"}, node{name: "long"}
	if r.Point != nil {
		lat, long = floatNode("lat", r.Point.Lat), floatNode("long", r.Point.Lon)
	}
	n := recordNode("request", textNode("service_request_id", r.ID), textNode("status", r.Status), textNode("status_notes", r.StatusNotes),
		node{name: "service_name", kind: words, text: r.ServiceName}, textNode("service_code", r.ServiceCode), textNode("description", r.Description),
		textNode("agency_responsible", r.Agency), textNode("service_notice", r.Notice),
		timeNode("requested_datetime", r.RequestedAt), timeNode("updated_datetime", r.UpdatedAt), timeNode("expected_datetime", r.ExpectedAt),
		textNode("address", r.Address), textNode("address_id", r.AddressID), textNode("zipcode", r.Zipcode), lat, long, textNode("media_url", r.MediaURL))
	if e := r.Extended; e != nil {
		n.children = append(n.children, e.nodes()...)
	}
	return n
}

func (e *Extended) nodes() []node {
	photos := listNode("photos", e.Photos, func(p Photo) node {
		return recordNode("photo", textNode("media_url", p.MediaURL), textNode("title", p.Title), intNode("width", p.Width), intNode("height", p.Height),
			timeNode("created_at", p.CreatedAt))
	})
	return []node{
		listNode("attributes", e.Attributes, func(a Answered) node {
			return recordNode("attribute", textNode("code", a.Code), textNode("label", a.Label), textNode("name", a.Name), textNode("value", a.Value))
		}),
		recordNode("extended_attributes", textNode("channel", e.Channel), photos),
		listNode("notes", e.Notes, func(x Note) node {
			return recordNode("note", timeNode("datetime", x.At), textNode("description", x.Description), textNode("type", x.Type))
		}),
	}
}

// Posted answers POST /requests.
func Posted(r Receipt) Answer {
	id := textNode("service_request_id", r.RequestID)
	if r.RequestID == "" {
		id = textNode("token", r.Token)
	}
	return Answer{listNode("service_requests", []node{id}, func(id node) node {
		return recordNode("request", id, textNode("service_notice", r.Notice), textNode("account_id", r.AccountID))
	})}
}

// Token answers GET /tokens/{token}; id is "" until there is one.
func Token(token, id string) Answer {
	return Answer{listNode("service_requests", []string{id}, func(id string) node {
		return recordNode("request", textNode("service_request_id", id), textNode("token", token))
	})}
}

// Updates answers GET /servicerequestupdates.
func Updates(all []Update) Answer {
	return Answer{listNode("service_request_updates", all, func(u Update) node {
		return recordNode("request_update", textNode("update_id", u.ID), textNode("service_request_id", u.RequestID), textNode("status", u.Status),
			timeNode("updated_datetime", u.At), node{name: "description", kind: words, text: u.Description}, textNode("media_url", u.MediaURL),
			textNode("external_status_code", u.ExternalStatus))
	})}
}

// PostedUpdate answers POST /servicerequestupdates.
func PostedUpdate(id string) Answer {
	return Answer{listNode("service_request_updates", []string{id}, func(id string) node {
		return recordNode("request_update", textNode("update_id", id))
	})}
}

// Faults answers what is refused, one item per fault.
func Faults(all []Fault) Answer {
	return Answer{listNode("errors", all, func(f Fault) node {
		return recordNode("error", textNode("code", f.Code), textNode("description", f.Description))
	})}
}

// Answer writes the discovery.
func (d Discovery) Answer() Answer {
	endpoints := listNode("endpoints", d.Endpoints, func(e Endpoint) node {
		formats := listNode("formats", e.Formats, func(f string) node { return textNode("format", f) })
		return recordNode("endpoint", textNode("specification", e.Specification), textNode("url", e.URL), timeNode("changeset", e.Changeset),
			textNode("type", e.Type), formats)
	})
	return Answer{recordNode("discovery", timeNode("changeset", d.Changeset), textNode("contact", d.Contact), textNode("key_service", d.KeyService), endpoints)}
}
