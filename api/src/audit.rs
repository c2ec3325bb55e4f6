//! `/v1/audit`: who did what to what, and why.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{Action, Actor, CallerId, CallerKind, Visibility};
use domain::records::{Cell, ResourceType};
use domain::values::{Date, Version};
use persistence::audit::{self, Filter, Line, Place};
use persistence::{Db, Fault};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::http::answer;
use crate::http::asked::Caller;
use crate::http::cursor;
use crate::http::format::{Dialect, Form, Whole};
use crate::http::list::{self, Limit};
use crate::http::query::{Query, truth};
use crate::http::stream::{Long, Piece, ROWS, Reader};
use crate::http::table::Table;
use crate::problem::Problem;

/// Which lines of the audit, the latest first.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// About records of this type.
    r#type: Option<ResourceType>,
    /// About the record of this id.
    #[param(value_type = Option<String>, format = Uuid)]
    id: Option<Uuid>,
    /// By this caller.
    caller: Option<CallerId>,
    /// `true` for what the one who runs the program did.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    by_operator: Option<bool>,
    /// Of this action.
    action: Option<Action>,
    /// From this day on, in France.
    from: Option<Date>,
    /// Before this day, in France.
    before: Option<Date>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    #[param(value_type = Option<String>)]
    after: Option<String>,
    /// For whom CSV is written.
    #[param(inline)]
    csv: Option<Dialect>,
}

/// What one caller did to one record.
#[derive(Serialize, ToSchema)]
pub struct AuditLine {
    /// Its number; later lines have greater ones.
    line: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: String,
    /// Who; `null` when the one who runs the program did.
    caller: Option<AuditCaller>,
    /// What.
    action: Action,
    /// To what type of record.
    r#type: ResourceType,
    /// To which.
    #[schema(value_type = String, format = Uuid)]
    id: Uuid,
    /// The version before, when it was there before.
    version_before: Option<Version>,
    /// The version after.
    version_after: Option<Version>,
    /// The record before; `null` when it was not there.
    #[schema(value_type = Option<Object>)]
    before: Option<Box<RawValue>>,
    /// The record after; `null` once deleted.
    #[schema(value_type = Option<Object>)]
    after: Option<Box<RawValue>>,
    /// The request that did it.
    request_id: String,
    /// Why, in the author's words.
    reason: Option<String>,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
pub struct AuditCaller {
    /// The caller's id.
    id: CallerId,
    /// What the caller is.
    kind: Option<CallerKind>,
    /// What it is called, unless it is a person.
    name: Option<String>,
}

/// A page of the audit.
#[derive(Serialize, ToSchema)]
pub struct AuditPage {
    /// The lines, the latest first.
    #[schema(max_items = 200)]
    items: Vec<AuditLine>,
    /// The cursor of the next page, if there is one.
    next: Option<String>,
}

/// Read the audit.
///
/// Every write of a record has its line, kept for ever: who, what, why when it was said, and the
/// record before and after.
#[utoipa::path(tag = "access", params(AuditQuery), security(("bearer" = ["administer"])),
    responses((status = 200, description = "A page of the audit.", body = AuditPage)))]
#[get("/audit")]
pub(crate) async fn read_audit(
    app: Data<App>,
    caller: Caller,
    query: Query<AuditQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let form = Form::asked(&request, query.csv)?;
    let filter = Filter {
        resource_type: query.r#type,
        id: query.id,
        caller: query.caller,
        by_operator: query.by_operator.unwrap_or(false),
        action: query.action,
        from: query.from.map(|day| app.midnight(day)),
        before: query.before.map(|day| app.midnight(day)),
    };
    if let Form::Whole(whole) = form {
        list::refuse_with(form, "limit", query.limit.is_given())?;
        list::refuse_with(form, "after", query.after.is_some())?;
        let mut head = answer::json(StatusCode::OK);
        answer::as_file(&mut head, whole.format(), &format!("audit-{}", app.today()));
        let reader = Reader::Caller(app, caller);
        let read = pieces(filter, whole);
        return Long::new(reader, Action::ReadAudit, read)
            .answer(&request, head)
            .await;
    }
    let limit = query.limit.number();
    let before = query.after.as_deref().map(cursor::in_audit).transpose()?;
    let (lines, next) = app
        .snapshot(&caller, Action::ReadAudit, move |db, actor, _| {
            Ok(some(db, actor, &filter, before, limit)?)
        })
        .await?;
    let next = next.map(cursor::of_audit);
    let mut answer = answer::json(StatusCode::OK);
    if let Some(next) = &next {
        answer.insert_header(answer::link_to_next(&request, next));
    }
    let items = lines.into_iter().map(AuditLine::from).collect();
    Ok(answer.json(AuditPage { items, next }))
}

/// Some lines, and the last of them when there are more.
fn some(
    db: &mut Db,
    actor: &Actor,
    filter: &Filter,
    before: Option<Place>,
    limit: i64,
) -> Result<(Vec<Line>, Option<Place>), Fault> {
    let mut lines = audit::lines(db, filter, before, limit.saturating_add(1))?;
    let more = i64::try_from(lines.len()).is_ok_and(|len| len > limit);
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let states = lines.iter_mut().flat_map(|line| {
        let states = line.before.iter_mut().chain(&mut line.after);
        states.map(|body| (line.resource_type, line.id, body))
    });
    answer::complete(db, actor, states)?;
    let next = lines.last().filter(|_| more).map(|last| Place {
        at: last.at,
        line: last.number,
    });
    Ok((lines, next))
}

/// The pieces of the whole audit, as lines of JSON or as a table.
fn pieces(
    filter: Filter,
    whole: Whole,
) -> impl Fn(&mut Db, &Actor, Visibility, Option<&Place>) -> Result<Piece<Place>, Problem> {
    move |db, actor, _, after| {
        let (lines, next) = some(db, actor, &filter, after.copied(), ROWS)?;
        let lines = lines.into_iter().map(AuditLine::from);
        let bytes = match whole {
            Whole::Table(dialect) => {
                let mut table = match after {
                    None => Table::begin(COLUMNS, dialect)?,
                    Some(_) => Table::go_on(dialect),
                };
                for line in lines {
                    table.row(&line.cells())?;
                }
                table.bytes()?
            }
            Whole::Stored | Whole::Lines => {
                let lines = lines.map(|line| json!(line).to_string() + "\n");
                lines.collect::<String>().into_bytes()
            }
        };
        Ok(Piece { bytes, next })
    }
}

/// The columns of the audit as a table, which has no room for the records themselves.
const COLUMNS: &[&str] = &[
    "line",
    "at",
    "caller",
    "caller_kind",
    "caller_name",
    "action",
    "type",
    "id",
    "version_before",
    "version_after",
    "request_id",
    "reason",
];

impl AuditLine {
    fn cells(&self) -> Vec<Cell> {
        let caller = self.caller.as_ref();
        let version = |version: Option<Version>| {
            version.map_or(Cell::Empty, |version| Cell::Whole(version.number()))
        };
        vec![
            Cell::Whole(self.line),
            Cell::text(&self.at),
            Cell::known(caller.map(|caller| caller.id)),
            Cell::known(caller.and_then(|caller| caller.kind)),
            Cell::known(caller.and_then(|caller| caller.name.as_ref())),
            Cell::text(&self.action),
            Cell::text(&self.r#type),
            Cell::text(&self.id),
            version(self.version_before),
            version(self.version_after),
            Cell::text(&self.request_id),
            Cell::known(self.reason.as_ref()),
        ]
    }
}

impl From<Line> for AuditLine {
    fn from(line: Line) -> Self {
        let raw = |body: Option<String>| RawValue::from_string(body?).ok();
        Self {
            line: line.number,
            at: line.at.to_string(),
            caller: line
                .author
                .map(|(id, kind, name)| AuditCaller { id, kind, name }),
            action: line.action,
            r#type: line.resource_type,
            id: line.id,
            version_before: line.version_before,
            version_after: line.version_after,
            before: raw(line.before),
            after: raw(line.after),
            request_id: line.request_id,
            reason: line.reason,
        }
    }
}
