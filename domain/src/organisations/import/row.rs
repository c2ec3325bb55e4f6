//! What one row says of an organisation.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::super::{
    Address, AddressUse, Contact, Ended, Identifier, IdentifierSystem, Organisation,
    OrganisationFields, OrganisationId, OrganisationKind, PartKind, PartOf, Sector,
};
use super::Column;
use crate::imports::{
    BadCells, CellError, Cells, Reader, RowOf, Said, dates, mended, set, truth, unrounded,
};
use crate::values::{
    CodeList, Date, Email, InseeCode, Label, Name, Names, PartialDate, Phone, Pointer, Postcode,
    Since, WebAddress, fold,
};

/// What a row says of an organisation. Columns that the file lacks say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganisationRow {
    id: Option<OrganisationId>,
    kind: Option<OrganisationKind>,
    name: Option<Label>,
    short_name: Said<Label>,
    numbers: BTreeMap<IdentifierSystem, Vec<Identifier>>,
    sectors: Option<Vec<Sector>>,
    lines: Option<Vec<Label>>,
    postcode: Said<Postcode>,
    locality: Said<Label>,
    commune: Said<InseeCode>,
    website: Said<WebAddress>,
    email: Said<Email>,
    phone: Said<Phone>,
    part_of: Said<(OrganisationId, PartKind)>,
    constituted_on: Said<PartialDate>,
    operates_from: Said<PartialDate>,
    ends_before: Said<Date>,
    fictitious: Option<bool>,
}

impl RowOf for OrganisationRow {
    type Column = Column;

    fn read(cells: &Cells<Column>) -> Result<Self, BadCells<Column>> {
        let mut reader = Reader::of(cells);
        let mut row = Self {
            id: reader.value(Column::Id).flatten(),
            ..Self::default()
        };
        let kind = reader.value(Column::Kind);
        row.kind = reader.required(Column::Kind, kind);
        let name = reader.value(Column::Name);
        row.name = reader.required(Column::Name, name);
        row.short_name = reader.value(Column::ShortName);
        for system in IdentifierSystem::ALL {
            let column = Column::of_register(*system);
            if let Some(numbers) = reader.several(column, |text| number(*system, text)) {
                row.numbers.insert(*system, numbers);
            }
        }
        row.sectors = reader.several(Column::Sectors, |text| Ok(text.parse()?));
        row.lines = reader.several(Column::Address, |text| Ok(text.parse()?));
        row.postcode = reader.value(Column::Postcode);
        row.locality = reader.value(Column::Locality);
        row.commune = reader.value(Column::Commune);
        row.website = reader.value(Column::Website);
        row.email = reader.value(Column::Email);
        row.phone = reader.said(Column::Phone, |text| {
            unrounded(text)?;
            Ok(text.parse()?)
        });
        row.part_of = part_of(&mut reader);
        row.constituted_on = reader.said(Column::ConstitutedOn, dates::partial);
        row.operates_from = reader.said(Column::OperatesFrom, dates::partial);
        row.ends_before = reader.said(Column::EndsBefore, dates::day);
        row.fictitious = reader.said(Column::Fictitious, truth).flatten();
        reader.done(row)
    }

    fn id(&self) -> Option<Uuid> {
        self.id.map(OrganisationId::uuid)
    }

    /// Its numbers, or its name and place.
    fn own_key(&self) -> String {
        if let Some(id) = self.id {
            return format!("id:{id}");
        }
        if let Some((system, number)) = self.telling_numbers().first() {
            return format!("{system}:{number}");
        }
        let name = self.name.as_ref().map(Label::as_str).unwrap_or_default();
        let commune = self.commune.iter().flatten().map(InseeCode::as_str);
        let postcode = self.postcode.iter().flatten().map(Postcode::as_str);
        let place = commune.chain(postcode).next().unwrap_or_default();
        format!("name:{}:{place}", fold(name))
    }
}

fn part_of(reader: &mut Reader<'_, Column>) -> Said<(OrganisationId, PartKind)> {
    let whole = reader.value::<OrganisationId>(Column::PartOf)?;
    let said = reader.value::<PartKind>(Column::PartAs);
    let Some(whole) = whole else {
        return Some(None);
    };
    let part_as = reader.required(Column::PartAs, said)?;
    Some(Some((whole, part_as)))
}

impl OrganisationRow {
    /// The name it gives.
    #[must_use]
    pub fn name(&self) -> Option<&Label> {
        self.name.as_ref()
    }

    /// The commune it names.
    #[must_use]
    pub fn commune(&self) -> Option<&InseeCode> {
        self.commune.as_ref()?.as_ref()
    }

    /// The numbers that tell which organisation is meant, the most telling first.
    ///
    /// The number of a whole entity says nothing of which establishment is meant, so it counts only
    /// where the row gives no number of an establishment.
    #[must_use]
    pub fn telling_numbers(&self) -> Vec<(IdentifierSystem, &str)> {
        let of = |systems: &[IdentifierSystem]| -> Vec<(IdentifierSystem, &str)> {
            let numbers = systems.iter().filter_map(|system| self.numbers.get(system));
            let numbers = numbers.flatten();
            numbers
                .map(|number| (number.system(), number.value()))
                .collect()
        };
        let establishment = of(&[IdentifierSystem::Siret, IdentifierSystem::FinessEt]);
        if establishment.is_empty() {
            let entity = [
                IdentifierSystem::Rna,
                IdentifierSystem::FinessEj,
                IdentifierSystem::Siren,
            ];
            of(&entity)
        } else {
            establishment
        }
    }

    /// What it makes of a record that does not exist yet; nothing when a column is missing without
    /// which there is none.
    #[must_use]
    pub fn new_fields(&self) -> Option<OrganisationFields> {
        let first = Name {
            name: self.name.clone()?,
            short_name: None,
            starts_on: None,
        };
        let mut fields = OrganisationFields {
            kind: self.kind?,
            sectors: Vec::new(),
            names: Names::try_from(vec![first]).ok()?,
            other_names: Vec::new(),
            identifiers: Vec::new(),
            classifications: Vec::new(),
            addresses: Vec::new(),
            contact: Contact::default(),
            part_of: Vec::new(),
            constituted_on: None,
            operates_from: None,
            fictitious: false,
        };
        self.apply(&mut fields, None);
        Some(fields)
    }

    /// What it makes of a record: the columns of the file as they stand today, and the rest left.
    #[must_use]
    pub fn changed_fields(&self, present: &Organisation, today: Date) -> OrganisationFields {
        let mut fields = present.fields.clone();
        self.apply(&mut fields, Some(today));
        fields
    }

    /// The end it tells of, or the one recorded when the file has no such column.
    #[must_use]
    pub fn ended(&self, present: Option<&Ended>) -> Option<Ended> {
        match &self.ends_before {
            None => present.cloned(),
            Some(None) => None,
            Some(Some(day)) => {
                let reason = present.and_then(|ended| ended.reason.clone());
                Some(Ended {
                    ends_before: *day,
                    reason,
                })
            }
        }
    }

    /// Sets what the file says. `today` is nothing for a record that has no past.
    fn apply(&self, fields: &mut OrganisationFields, today: Option<Date>) {
        if let Some(kind) = self.kind {
            fields.kind = kind;
        }
        let day = today.unwrap_or(Date::MAX);
        let (name, short_name) = (self.name.as_ref(), self.short_name.as_ref());
        fields.names = mended(&fields.names, day, name, short_name);
        for (system, numbers) in &self.numbers {
            apply_numbers(&mut fields.identifiers, *system, numbers, today);
        }
        set(&mut fields.sectors, self.sectors.as_ref());
        self.apply_address(fields);
        set(&mut fields.contact.website, self.website.as_ref());
        set(&mut fields.contact.email, self.email.as_ref());
        set(&mut fields.contact.phone, self.phone.as_ref());
        self.apply_part_of(fields, today);
        set(&mut fields.constituted_on, self.constituted_on.as_ref());
        set(&mut fields.operates_from, self.operates_from.as_ref());
        set(&mut fields.fictitious, self.fictitious.as_ref());
    }

    fn apply_address(&self, fields: &mut OrganisationFields) {
        let said = self.lines.as_ref().is_some_and(|lines| !lines.is_empty())
            || self.postcode.iter().flatten().next().is_some()
            || self.locality.iter().flatten().next().is_some()
            || self.commune.iter().flatten().next().is_some();
        let seat = |address: &Address| address.used_as == AddressUse::Seat;
        let at = fields.addresses.iter().position(seat).unwrap_or(0);
        if fields.addresses.is_empty() {
            if !said {
                return;
            }
            fields.addresses.push(Address {
                used_as: AddressUse::Seat,
                lines: Vec::new(),
                postcode: None,
                locality: None,
                commune: None,
            });
        }
        let Some(address) = fields.addresses.get_mut(at) else {
            return;
        };
        set(&mut address.lines, self.lines.as_ref());
        set(&mut address.postcode, self.postcode.as_ref());
        set(&mut address.locality, self.locality.as_ref());
        set(&mut address.commune, self.commune.as_ref());
        let empty = address.lines.is_empty()
            && address.postcode.is_none()
            && address.locality.is_none()
            && address.commune.is_none();
        if empty {
            fields.addresses.remove(at);
        }
    }

    fn apply_part_of(&self, fields: &mut OrganisationFields, today: Option<Date>) {
        let Some(said) = self.part_of else {
            return;
        };
        let holds = |part_of: &PartOf| today.is_none_or(|day| part_of.since().contains(day));
        let present = fields.part_of.iter().find(|part_of| holds(part_of));
        if said == present.map(|part_of| (part_of.whole, part_of.part_as)) {
            return;
        }
        fields.part_of.retain(|part_of| !holds(part_of));
        fields.part_of.extend(said.map(|(whole, part_as)| PartOf {
            whole,
            part_as,
            starts_on: None,
            ends_before: None,
        }));
    }
}

impl OrganisationFields {
    /// The column whose value stands where `pointer` leads.
    #[must_use]
    pub fn column_at(&self, pointer: &Pointer) -> Option<Column> {
        let mut steps = pointer.as_str().split('/').skip(1);
        match (steps.next()?, steps.next()) {
            ("identifiers", Some(index)) => {
                let number = self.identifiers.get(index.parse::<usize>().ok()?)?;
                Some(Column::of_register(number.system()))
            }
            ("names", _) => Some(Column::Name),
            ("part_of", _) => Some(Column::PartOf),
            ("addresses", _) => Some(Column::Address),
            (member, _) => Column::parse(member).ok(),
        }
    }
}

/// The numbers borne today become those said; those of the past stay.
fn apply_numbers(
    all: &mut Vec<Identifier>,
    system: IdentifierSystem,
    said: &[Identifier],
    today: Option<Date>,
) {
    let holds = |number: &Identifier| {
        number.system() == system && today.is_none_or(|day| number.since().contains(day))
    };
    let is_said = |number: &Identifier| said.iter().any(|one| one.value() == number.value());
    all.retain(|number| !holds(number) || is_said(number));
    for number in said {
        let known = |one: &Identifier| holds(one) && one.value() == number.value();
        if !all.iter().any(known) {
            all.push(number.clone());
        }
    }
}

fn number(system: IdentifierSystem, text: &str) -> Result<Identifier, CellError> {
    unrounded(text)?;
    let since = Since {
        starts_on: None,
        ends_before: None,
    };
    Ok(Identifier::new(system, text, since)?)
}
