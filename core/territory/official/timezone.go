package official

// TimeZone returns the IANA name of the zone where the territory keeps its time.
// The Marquesas and the Gambier islands have their own, by commune; Polynesia as a
// whole keeps the time of Tahiti.
func (e Entry) TimeZone() string {
	switch e.Code {
	case "98718", "98723", "98731", "98746", "98756", "98757": // Fatu-Hiva, Hiva-Oa, Nuku-Hiva, Tahuata, Ua-Huka, Ua-Pou
		return "Pacific/Marquesas"
	case "98719":
		return "Pacific/Gambier"
	}
	land := e.Departement
	switch e.Kind {
	case COM:
		land = e.Code
	case Region:
		land = map[string]string{"01": "971", "02": "972", "03": "973", "04": "974", "06": "976"}[e.Code]
	case Commune:
		if e.COM != "" {
			land = e.COM
		}
	case Departement:
		land = e.Code
	}
	switch land {
	case "971":
		return "America/Guadeloupe"
	case "972":
		return "America/Martinique"
	case "973":
		return "America/Cayenne"
	case "974":
		return "Indian/Reunion"
	case "975":
		return "America/Miquelon"
	case "976":
		return "Indian/Mayotte"
	case "977":
		return "America/St_Barthelemy"
	case "978":
		return "America/Marigot"
	case "984":
		return "Indian/Kerguelen"
	case "986":
		return "Pacific/Wallis"
	case "987":
		return "Pacific/Tahiti"
	case "988":
		return "Pacific/Noumea"
	}
	return "Europe/Paris"
}
