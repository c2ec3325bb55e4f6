//! Memberships as rows of a file: what each column means, and what a row makes of a record.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Expertise, Member, MembershipCategory, MembershipFields, MembershipId, Whole};
use crate::imports::{BadCells, Cells, Columns, Reader, RowOf, Said, dates, set, truth};
use crate::networks::NetworkId;
use crate::organisations::{Identifier, IdentifierSystem, OrganisationId, identifier_facet};
use crate::people::PersonId;
use crate::records::ResourceType;
use crate::values::{CodeList, Date, Label, Pointer, Since, Text, ValueError, code_list};

code_list! {
    /// A column of a file of memberships, in the order of the export.
    pub enum MembershipColumn in "membership_columns" {
        /// Our id.
        Id = "id",
        /// What the member is: `organisation`, `network` or `person`.
        MemberType = "member_type",
        /// The member, by our id, by a number or by the source's own key of it.
        Member = "member",
        /// What the whole is: `network` or `organisation`.
        OfType = "of_type",
        /// The whole, by our id, by a number or by the source's own key of it.
        Of = "of",
        /// As what it is a member, as a code.
        Category = "category",
        /// The college in which it sits.
        College = "college",
        /// What it does there.
        Role = "role",
        /// What it may be called on for, joined by `|`.
        Expertise = "expertise",
        /// The first day.
        StartsOn = "starts_on",
        /// The first day on which it no longer is.
        EndsBefore = "ends_before",
        /// Why it ended.
        EndReason = "end_reason",
        /// Where it stands; written by exports, ignored by imports.
        State = "state",
        /// Whether it was invented.
        Fictitious = "fictitious",
        /// Its version; written by exports, ignored by imports.
        Version = "version",
        /// Who speaks for the member there, by our id.
        Representative = "representative",
        /// The source's own key; only imports know it.
        SourceKey = "source_key",
    }
}

impl Columns for MembershipColumn {
    const REQUIRED: &'static [Self] = &[
        Self::MemberType,
        Self::Member,
        Self::OfType,
        Self::Of,
        Self::Category,
    ];

    const DATED: &'static [Self] = &[Self::StartsOn, Self::EndsBefore];

    const IGNORED: &'static [Self] = &[Self::State, Self::Version];

    const SOURCE_KEY: Self = Self::SourceKey;
}

/// A record as a file names it: by our id, by a number such as `siret:73282932000074`, or by the source's own key of it.
pub type Named = (ResourceType, String);

/// The records that rows name, by how they name them: of an organisation, all that bear the number.
pub type Referred = BTreeMap<Named, BTreeSet<Uuid>>;

/// The number by which a file names an organisation; nothing when it names it otherwise.
#[must_use]
pub fn number((of, at): &Named) -> Option<String> {
    let (system, value) = at.split_once(':')?;
    let system: IdentifierSystem = system.trim().parse().ok()?;
    let named = *of == ResourceType::Organisation;
    let always = Since {
        starts_on: None,
        ends_before: None,
    };
    let number = Identifier::new(system, value, always).ok()?;
    named.then(|| identifier_facet(system, number.value()))
}

/// What a row says of a membership. Columns that the file lacks say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembershipRow {
    id: Option<MembershipId>,
    member: Option<Named>,
    of: Option<Named>,
    category: Option<MembershipCategory>,
    college: Said<Label>,
    role: Said<Label>,
    representative: Said<PersonId>,
    expertise: Option<Vec<Label>>,
    starts_on: Said<Date>,
    ends_before: Said<Date>,
    end_reason: Said<Text>,
    fictitious: Option<bool>,
}

impl RowOf for MembershipRow {
    type Column = MembershipColumn;

    fn read(cells: &Cells<MembershipColumn>) -> Result<Self, BadCells<MembershipColumn>> {
        use MembershipColumn as Column;
        let mut reader = Reader::of(cells);
        let category = reader.value(Column::Category);
        let row = Self {
            id: reader.value(Column::Id).flatten(),
            member: named(&mut reader, Column::MemberType, Column::Member, MEMBERS),
            of: named(&mut reader, Column::OfType, Column::Of, WHOLES),
            category: reader.required(Column::Category, category),
            college: reader.value(Column::College),
            role: reader.value(Column::Role),
            representative: reader.value(Column::Representative),
            expertise: reader.several(Column::Expertise, |text| Ok(text.parse()?)),
            starts_on: reader.said(Column::StartsOn, dates::day),
            ends_before: reader.said(Column::EndsBefore, dates::day),
            end_reason: reader.value(Column::EndReason),
            fictitious: reader.said(Column::Fictitious, truth).flatten(),
        };
        reader.done(row)
    }

    fn id(&self) -> Option<Uuid> {
        self.id.map(MembershipId::uuid)
    }

    /// Its id, or who is a member of what as what since when.
    fn own_key(&self) -> String {
        let text = |named: &Option<Named>| {
            let named = named.as_ref().map(|(of, at)| format!("{of}:{at}"));
            named.unwrap_or_default()
        };
        let [member, of] = [text(&self.member), text(&self.of)];
        let category = self.category.map(|category| category.to_string());
        let category = category.unwrap_or_default();
        let since = self.starts_on.flatten().map(|day| day.to_string());
        match self.id {
            Some(id) => format!("id:{id}"),
            None => format!("{member} {of} {category} {}", since.unwrap_or_default()),
        }
    }
}

/// What may be a member.
const MEMBERS: &[ResourceType] = &[
    ResourceType::Organisation,
    ResourceType::Network,
    ResourceType::Person,
];

/// What has members.
const WHOLES: &[ResourceType] = &[ResourceType::Network, ResourceType::Organisation];

fn named(
    reader: &mut Reader<'_, MembershipColumn>,
    type_column: MembershipColumn,
    column: MembershipColumn,
    among: &[ResourceType],
) -> Option<Named> {
    let of = reader.said(type_column, |text| {
        let of: ResourceType = text.parse()?;
        if among.contains(&of) {
            return Ok(of);
        }
        let codes: Vec<&str> = among.iter().map(|of| of.code()).collect();
        let expected = codes.join(" | ");
        Err(ValueError::Format { expected }.into())
    });
    let at = reader.value::<Label>(column);
    let (of, at) = (
        reader.required(type_column, of),
        reader.required(column, at),
    );
    Some((of?, at?.to_string()))
}

impl MembershipRow {
    /// The records that it names.
    pub fn named(&self) -> impl Iterator<Item = &Named> {
        self.member.iter().chain(&self.of)
    }

    /// How many bear the number by which it names one, when that is more than one.
    #[must_use]
    pub fn ambiguous(&self, referred: &Referred) -> Option<usize> {
        let counts = self
            .named()
            .filter_map(|named| Some(referred.get(named)?.len()));
        counts.max().filter(|count| *count > 1)
    }

    /// What it makes of a membership, of the present one if there is one: the columns of the file, and the rest left.
    /// Refused where it names a record that is not there.
    pub fn fields(
        &self,
        present: Option<&MembershipFields>,
        referred: &Referred,
    ) -> Result<MembershipFields, BadCells<MembershipColumn>> {
        let unknown = |column| vec![(column, ValueError::UnknownReference.into())];
        let found = |named: &Option<Named>| {
            let named = named.as_ref()?;
            Some((named.0, *referred.get(named)?.first()?))
        };
        let member = match found(&self.member) {
            Some((ResourceType::Organisation, id)) => Member::Organisation(OrganisationId::new(id)),
            Some((ResourceType::Person, id)) => Member::Person(PersonId::new(id)),
            Some((_, id)) => Member::Network(NetworkId::new(id)),
            None => return Err(unknown(MembershipColumn::Member)),
        };
        let of = match found(&self.of) {
            Some((ResourceType::Organisation, id)) => Whole::Organisation(OrganisationId::new(id)),
            Some((_, id)) => Whole::Network(NetworkId::new(id)),
            None => return Err(unknown(MembershipColumn::Of)),
        };
        let required = || vec![(MembershipColumn::Category, ValueError::Required.into())];
        let category = self.category.ok_or_else(required)?;
        let mut fields = present.cloned().unwrap_or(MembershipFields {
            member,
            of,
            category,
            college: None,
            role: None,
            representative: None,
            expertise: Vec::new(),
            starts_on: None,
            ends_before: None,
            end_reason: None,
            fictitious: false,
        });
        fields.member = member;
        fields.of = of;
        fields.category = category;
        self.apply(&mut fields);
        Ok(fields)
    }

    fn apply(&self, fields: &mut MembershipFields) {
        set(&mut fields.college, self.college.as_ref());
        set(&mut fields.role, self.role.as_ref());
        set(&mut fields.representative, self.representative.as_ref());
        set(&mut fields.starts_on, self.starts_on.as_ref());
        set(&mut fields.ends_before, self.ends_before.as_ref());
        set(&mut fields.end_reason, self.end_reason.as_ref());
        set(&mut fields.fictitious, self.fictitious.as_ref());
        let Some(said) = &self.expertise else { return };
        // A file does not say on which theme an expertise is: what is recorded of it stays.
        let known = std::mem::take(&mut fields.expertise);
        fields.expertise = said
            .iter()
            .map(|name| {
                let same = known.iter().find(|one| one.name == *name);
                same.cloned().unwrap_or(Expertise {
                    name: name.clone(),
                    theme: None,
                })
            })
            .collect();
    }
}

impl MembershipColumn {
    /// The column whose value stands where `pointer` leads.
    #[must_use]
    pub fn at(pointer: &Pointer) -> Self {
        let member = pointer.as_str().split('/').nth(1);
        let column = member.and_then(|member| Self::parse(member).ok());
        column.unwrap_or(Self::Member)
    }
}

#[cfg(test)]
mod laws {
    use super::*;
    use crate::concerns::Theme;
    use crate::memberships::Membership;
    use crate::records::Tabular;

    fn row(more: &[(MembershipColumn, &str)]) -> MembershipRow {
        use MembershipColumn as Column;
        let least = [
            (Column::MemberType, "organisation"),
            (Column::Member, "a"),
            (Column::OfType, "network"),
            (Column::Of, "r"),
            (Column::Category, "adherent"),
        ];
        let cells = least.iter().chain(more);
        MembershipRow::read(
            &cells
                .map(|(column, text)| (*column, (*text).to_owned()))
                .collect(),
        )
        .unwrap()
    }

    fn referred() -> Referred {
        let named = [
            (ResourceType::Organisation, "a"),
            (ResourceType::Network, "r"),
        ];
        let named = named
            .into_iter()
            .zip([Uuid::from_u128(1), Uuid::from_u128(2)]);
        named
            .map(|((of, key), id)| ((of, key.to_owned()), BTreeSet::from([id])))
            .collect()
    }

    #[test]
    fn the_columns_of_the_export_are_those_of_the_import() {
        let columns = MembershipColumn::ALL.iter().map(|column| column.code());
        let columns: Vec<&str> = columns.take(Membership::COLUMNS.len()).collect();

        assert_eq!(columns, Membership::COLUMNS);
    }

    #[test]
    fn a_row_names_records_that_are_there_by_the_keys_of_its_source() {
        let fields = row(&[]).fields(None, &referred()).unwrap();
        let unknown = row(&[]).fields(None, &Referred::new()).unwrap_err();

        assert_eq!(fields.member.record().id, Uuid::from_u128(1));
        assert_eq!(fields.of.record().id, Uuid::from_u128(2));
        assert_eq!(
            unknown,
            [(
                MembershipColumn::Member,
                ValueError::UnknownReference.into()
            )]
        );
    }

    #[test]
    fn what_the_file_does_not_say_of_an_expertise_stays() {
        let mut present = row(&[]).fields(None, &referred()).unwrap();
        let name = |text| Label::parse(text).unwrap();
        present.expertise = vec![Expertise {
            name: name("Sevrage"),
            theme: Some(Theme::Addictions),
        }];

        let said = row(&[(MembershipColumn::Expertise, "Écoute|Sevrage")]);
        let changed = said.fields(Some(&present), &referred()).unwrap();
        let same = row(&[]).fields(Some(&present), &referred()).unwrap();

        let themes: Vec<Option<Theme>> = changed.expertise.iter().map(|one| one.theme).collect();
        assert_eq!(themes, [None, Some(Theme::Addictions)]);
        assert_eq!(same, present);
    }
}
