package calendar

import (
	_ "time/tzdata" // the zones are in the program: a bare container has none
)

// Zone is a territory with public holidays of its own.
type Zone string

// Zones, by the department or collectivity they cover.
const (
	ZoneMainland              Zone = "mainland"
	ZoneAlsaceMoselle         Zone = "alsace-moselle"
	ZoneGuadeloupe            Zone = "guadeloupe"
	ZoneMartinique            Zone = "martinique"
	ZoneGuyane                Zone = "guyane"
	ZoneReunion               Zone = "reunion"
	ZoneMayotte               Zone = "mayotte"
	ZoneSaintBarthelemy       Zone = "saint-barthelemy"
	ZoneSaintMartin           Zone = "saint-martin"
	ZoneSaintPierreEtMiquelon Zone = "saint-pierre-et-miquelon"
	ZoneWallisEtFutuna        Zone = "wallis-et-futuna"
	ZonePolynesie             Zone = "polynesie-francaise"
	ZoneNouvelleCaledonie     Zone = "nouvelle-caledonie"
)

// Zones lists them all, the mainland first.
func Zones() []Zone {
	return []Zone{ZoneMainland, ZoneAlsaceMoselle, ZoneGuadeloupe, ZoneMartinique, ZoneGuyane, ZoneReunion,
		ZoneMayotte, ZoneSaintBarthelemy, ZoneSaintMartin, ZoneSaintPierreEtMiquelon, ZoneWallisEtFutuna,
		ZonePolynesie, ZoneNouvelleCaledonie}
}

// Key returns the key of the zone's name in [Locales].
func (z Zone) Key() string { return "calendar.zone." + string(z) }

// ZoneOf returns the zone of a territory from its official codes (Insee, Code
// officiel géographique); either may be empty. An unknown code is the mainland.
func ZoneOf(departement, commune string) Zone {
	switch departementOf(departement, commune) {
	case "57", "67", "68", "6AE":
		return ZoneAlsaceMoselle
	case "971":
		return ZoneGuadeloupe
	case "972":
		return ZoneMartinique
	case "973":
		return ZoneGuyane
	case "974":
		return ZoneReunion
	case "975":
		return ZoneSaintPierreEtMiquelon
	case "976":
		return ZoneMayotte
	case "977":
		return ZoneSaintBarthelemy
	case "978":
		return ZoneSaintMartin
	case "986":
		return ZoneWallisEtFutuna
	case "987":
		return ZonePolynesie
	case "988":
		return ZoneNouvelleCaledonie
	}
	return ZoneMainland
}

// TimeZone returns the IANA name of the time zone of a department or collectivity,
// Europe/Paris when the code is unknown. French Polynesia has three: see
// [TimeZoneOf].
func TimeZone(departement string) string {
	switch departement {
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

// TimeZoneOf is TimeZone for a commune: the Marquesas are half an hour ahead of
// Tahiti, the Gambier Islands one hour.
func TimeZoneOf(departement, commune string) string {
	switch commune {
	case "98718", "98723", "98731", "98746", "98756", "98757":
		// Fatu-Hiva, Hiva-Oa, Nuku-Hiva, Tahuata, Ua-Huka, Ua-Pou.
		return "Pacific/Marquesas"
	case "98719":
		return "Pacific/Gambier"
	}
	return TimeZone(departementOf(departement, commune))
}

// departementOf prefers what the commune's code says: Saint-Barthélemy and
// Saint-Martin were communes of Guadeloupe until 2007 (97123, 97127).
func departementOf(departement, commune string) string {
	switch {
	case commune == "97123":
		return "977"
	case commune == "97127":
		return "978"
	case len(commune) == 5 && (commune[:2] == "97" || commune[:2] == "98"):
		return commune[:3]
	case departement == "" && len(commune) == 5:
		return commune[:2]
	}
	return departement
}
