-- One generation of the store. The schema `base` holds what harvests give; the views in `main` are the data contract
-- (docs/contract.md). Names and types of the views are part of the contract: within a major version columns are only added.

create schema base;

create table store_info (
    contract_version integer not null,
    schema_version integer not null,
    generation integer not null,
    published_at timestamp not null,
    schema_hash varchar not null -- of this file
);

create table base.documents (
    document_id varchar not null, document_no integer, -- short, within this generation only
    document varchar, title varchar, doc_type varchar, edition varchar, fiscal_year integer,
    region_code varchar, region varchar, agency varchar, agency_key varchar, agency_bidang varchar[], nomenclature varchar,
    issued_on varchar, pages integer, pages_scanned integer, status varchar not null, error varchar, ingested_at timestamp,
    reading_version varchar, meaning_version varchar, signature varchar,
    duplicate_of varchar
);

create table base.sources (document_id varchar not null, source_uri varchar not null, path varchar, fetched_at timestamp);

create table base.tables (
    table_id varchar not null, document_id varchar not null, table_no integer, table_kind varchar, caption varchar,
    page_first integer, page_last integer, method varchar, n_rows integer, n_columns integer, header json, used boolean
);

create table base.cells (
    document_id varchar not null, table_id varchar not null, row_no integer, grid_row integer, column_no integer,
    rowspan integer, colspan integer, page integer, bbox double[4], "text" varchar, confidence double, is_header boolean,
    method varchar, others struct("text" varchar, method varchar, confidence double)[]
);

create table base.rows (
    document_id varchar not null, table_id varchar not null, row_no integer, level varchar, item integer, parent integer,
    code varchar, code_generic varchar, code_raw varchar, code_how varchar, nomenclature varchar, name varchar,
    name_raw varchar, indicator varchar, account varchar, account_scheme varchar, agency varchar, unit varchar, page integer,
    block integer, finding varchar, official_name varchar
);

create table base.facts (
    document_id varchar not null, fact_id varchar not null, table_id varchar not null, table_kind varchar, page integer,
    bbox double[4], row_no integer, column_no integer, part integer, level varchar, nomenclature varchar, code varchar,
    code_generic varchar, code_comparable varchar, code_raw varchar, code_how varchar, name varchar, name_raw varchar,
    indicator varchar, account varchar, account_scheme varchar, agency varchar, agency_key varchar, agency_bidang varchar[],
    column_label varchar, role varchar, quantity varchar, "year" integer, period varchar, value decimal(24,6),
    decimals integer, value_text varchar, unit varchar, raw varchar, status varchar, confidence double,
    lookalike boolean, head_code varchar, head_code_generic varchar
);

create table base.checks (
    document_id varchar not null, check_id varchar not null, table_id varchar, kind varchar, subject varchar,
    fact_ids varchar[], pins varchar[], page integer, bbox double[4], claim varchar, expected decimal(24,6),
    found decimal(24,6), difference decimal(24,6), verdict varchar, suggestion varchar, explanation varchar
);

create table base.problems (
    document_id varchar not null, page integer, table_id varchar, bbox double[4], kind varchar, severity varchar,
    "text" varchar, explanation varchar
);

create table base.lines (document_id varchar not null, page integer, bbox double[4], "text" varchar, size double);

-- What a person has accepted in place of a printed value (the printed value stays in `facts.value`).
create table base.corrections (
    correction_id varchar not null, document_id varchar, fact_id varchar not null, expected decimal(24,6),
    corrected decimal(24,6), reason varchar, proof varchar, accepted_by varchar, accepted_at varchar,
    page integer, bbox double[4],
    state varchar not null, -- applied, moved (found again near its place), changed, lost, refused, no_document
    explanation varchar
);

-- Facts that were published once and are no more: replaced by another reading or edition, or removed.
create table base.history (
    document_id varchar not null, document varchar, fact_id varchar not null, table_id varchar, page integer, bbox double[4],
    code varchar, name varchar, indicator varchar, role varchar, quantity varchar, "year" integer, period varchar,
    value decimal(24,6), value_text varchar, unit varchar, raw varchar, status varchar, meaning_version varchar,
    last_generation integer
);

-- A whole government's fact has no agency; a row's own agency wins over the document's.
create macro agency_key_of(own, own_key, documents_key) as (
    case when own is null then documents_key
         else coalesce(own_key, trim(regexp_replace(lower(own), '[^a-z0-9]+', '-', 'g'), '-')) end
);
create view facts as
select
    f.fact_id, f.document_id, d.document, d.doc_type, d.edition, d.fiscal_year, d.region_code, d.region,
    coalesce(f.agency, d.agency) as agency,
    agency_key_of(f.agency, f.agency_key, d.agency_key) as agency_key,
    case when f.agency is null then d.agency_bidang else f.agency_bidang end as agency_bidang,
    f.table_id, f.table_kind, t.caption, f.page, f.bbox, f.row_no, f.part, f.level,
    coalesce(f.nomenclature, d.nomenclature) as nomenclature,
    f.code, f.code_generic, f.code_comparable, f.code_raw, f.code_how, f.name, f.name_raw, f.indicator,
    f.account, f.account_scheme, f.column_label, f.role, f.quantity, f."year", f.period,
    f.value, f.decimals,
    case when c.correction_id is null then f.value else c.corrected end as value_accepted,
    c.correction_id, f.value_text, f.unit, f.raw, f.status, f.confidence,
    f.column_no, f.head_code, f.head_code_generic
from base.facts f
join base.documents d using (document_id)
left join base.tables t on t.document_id = f.document_id and t.table_id = f.table_id
left join base.corrections c on c.fact_id = f.fact_id and c.state in ('applied', 'moved');

-- `duplicate_of`: the same report in another file, which stands for both (pipeline/twins.py).
create view documents as
select
    d.document_id, d.document, d.document_id as sha256, d.title, d.doc_type, d.edition, d.fiscal_year, d.region_code,
    d.region, d.agency, d.agency_key, d.nomenclature, d.issued_on, d.pages, d.pages_scanned, d.status, d.error,
    d.duplicate_of, d.ingested_at, d.reading_version, d.meaning_version, d.agency_bidang
from base.documents d;

create view document_sources as select document_id, source_uri, fetched_at, path from base.sources;

create view tables as
select table_id, document_id, table_kind, caption, page_first, page_last, method, n_rows, n_columns, header, used
from base.tables;

create view cells as
select table_id, row_no, column_no, rowspan, colspan, page, bbox, "text", confidence, is_header, method,
       grid_row, document_id, others
from base.cells;

create view checks as
select check_id, document_id, table_id, kind, subject, fact_ids, pins, page, bbox, claim, expected, found, difference,
       verdict, suggestion, explanation
from base.checks;

create view problems as
select document_id, page, table_id, bbox, kind, severity, "text", explanation from base.problems;

create view corrections as
select correction_id, document_id, fact_id, expected, corrected, reason, proof, accepted_by, accepted_at, page, bbox,
       state, explanation
from base.corrections;

create view facts_history as select * from base.history;

-- Order of preference and of severity, once for all views.
-- Documents: enacted before planned; the year's own document before one that looks back or ahead; then the newest edition.
create macro document_rank(doc_type, edition, fiscal_year, "year") as (
    case when doc_type in ('lra', 'apbd', 'dpa', 'lkjip', 'lkpj', 'neraca', 'perjanjian_kinerja') then 0 else 1000 end
    + case when fiscal_year is not distinct from "year" then 0 else 100 end
    + case edition when 'perubahan' then 0 when 'pergeseran' then 10 when 'rancangan' then 30 else 20 end
);
create macro table_rank(kind) as (case kind when 'tc33' then 0 when 'tc31' then 1 else 2 end);
create macro status_rank(status) as (
    case status when 'verified' then 0 when 'repaired' then 1 when 'unverified' then 2 else 3 end
);
create macro status_of(rank) as (['verified', 'repaired', 'unverified', 'conflict'][rank + 1]);
create macro pagu_rank(role) as (
    list_position(['anggaran_perubahan', 'anggaran', 'target', 'kebutuhan', 'rancangan_awal'], role)
);

-- Where the facts of each document are summed up: what lists, coverage and twins ask without counting facts again.
create table base.document_counts (
    document_id varchar not null, facts bigint, verified bigint, repaired bigint, unverified bigint, conflict bigint,
    numbers_sum hugeint -- of hashes of its numbers: equal for documents that print the same ones
);

-- Whose agencies' facts stand in a document: its own, and those that its rows name. Null: a whole government's.
create table base.document_agencies (document_id varchar not null, agency_key varchar);

-- Names of programs and activities, and of indicators, with the number of documents that print them.
create table base.item_names (code_generic varchar not null, level varchar, name varchar, documents bigint);
create table base.indicator_names (indicator varchar not null, documents bigint, fact_id varchar);

-- `comparable` and `pagu` as they are kept (pipeline/derived.py): in runs sorted by code, year and region. `code_key` says
-- in a number which code it is, because DuckDB keeps the least and greatest of no more than eight letters of a text.
-- `total` is the agency's whole budget in the table of the fact, for that role and year, in rupiah.
create table base.comparable_rows (
    code_key bigint, region_code varchar, agency varchar, agency_key varchar, agency_bidang varchar[], "year" integer,
    level varchar, code varchar, code_generic varchar, code_comparable varchar, name varchar, indicator varchar,
    account varchar, role varchar, quantity varchar, period varchar, value decimal(24,6), value_text varchar, unit varchar,
    status varchar, n_values integer, pagu decimal(24,6), pagu_role varchar, fact_id varchar, document_no integer,
    table_kind varchar, page integer, raw varchar, item varchar,
    more_facts varchar[],      -- all of them, where there are more than one
    more_documents integer[],  -- all of them, where there are more than one
    total decimal(24,6), total_added boolean, head varchar
);
create table base.pagu_rows (
    code_key bigint, region_code varchar, agency varchar, agency_key varchar, agency_bidang varchar[], "year" integer,
    level varchar, code varchar, code_generic varchar, code_comparable varchar, name varchar, pagu decimal(24,6),
    pagu_role varchar, status varchar, n_values integer, fact_id varchar, document_no integer, page integer, item varchar,
    more_facts varchar[], total decimal(24,6), total_added boolean, head varchar
);

-- `X.XX.01.*.06.0004` -> 99990106 0004: the same for every spelling of the kegiatan's first digit.
create macro code_key(code) as (
    (((coalesce(try_cast(replace(string_split(code, '.')[1], 'X', '99') as bigint), 0) * 100
      + coalesce(try_cast(replace(string_split(code, '.')[2], 'X', '9') as bigint), 0)) * 100
      + coalesce(try_cast(string_split(code, '.')[3] as bigint), 0)) * 100
      + coalesce(try_cast(string_split(code, '.')[5] as bigint), 0)) * 10000
      + coalesce(try_cast(string_split(code, '.')[6] as bigint), 0)
);

-- The facts with their item; `item` keeps apart the rows that no generic code, account or indicator tells apart; `place`
-- keeps a document of an unknown region from being merged with any other. pipeline/comparable.py compares them.
create view base.placed_facts as
select
    f.document_id, d.document_no, d.duplicate_of, d.doc_type, d.edition, d.fiscal_year, d.region_code,
    case when d.region_code is null then f.document_id end as place,
    coalesce(f.agency, d.agency) as agency,
    agency_key_of(f.agency, f.agency_key, d.agency_key) as agency_key,
    case when f.agency is null then d.agency_bidang else f.agency_bidang end as agency_bidang,
    f.fact_id, f.table_id, f.table_kind, f.page, f.row_no, f.part, f.level, f.code, f.code_generic, f.code_comparable,
    f.name, f.indicator, f.account, f.role, f.quantity, f."year", f.period,
    case when c.correction_id is null then f.value else c.corrected end as value,
    f.value_text, f.unit, f.raw, f.status,
    case when f.code_generic is null and f.account is null and f.indicator is null
         then coalesce(f.code, lower(f.name_raw), f.level) end as item,
    coalesce(f.head_code_generic, f.head_code) as head, -- the same account in the forms of two kegiatan is two items
    -- percentages of money can stand under the same role as the money (selisih); they are never mixed with rupiah
    coalesce(f.quantity = 'anggaran' and f.unit is distinct from 'Rupiah', false) as is_share
from base.facts f
join base.documents d using (document_id)
left join base.corrections c on c.fact_id = f.fact_id and c.state in ('applied', 'moved');

-- Twins count once.
create view base.comparable_facts as from base.placed_facts where duplicate_of is null;

-- The data contract's views of them.
create view comparable as
select
    r.region_code, d.region, r.agency, r.agency_key, r.agency_bidang, r."year", r.level, r.code, r.code_generic,
    r.code_comparable, r.name, r.indicator, r.account, r.role, r.quantity, r.period, r.value, r.value_text, r.unit,
    r.status, r.n_values, coalesce(r.more_facts, [r.fact_id]) as fact_ids, r.pagu, r.pagu_role, r.fact_id, d.document_id,
    d.document, d.doc_type, d.edition, r.table_kind, r.page, r.raw, r.item, r.head as head_code
from base.comparable_rows r join base.documents d using (document_no);

-- One row an item: the budget to compare, and which of the roles it is. `n_values` counts the differing values of that role.
create view pagu as
select
    r.region_code, d.region, r.agency, r.agency_key, r.agency_bidang, r."year", r.level, r.code, r.code_generic,
    r.code_comparable, r.name, r.pagu, r.pagu_role, r.status, r.n_values, coalesce(r.more_facts, [r.fact_id]) as fact_ids,
    r.fact_id, d.document_id, d.document, r.page, r.item, r.head as head_code
from base.pagu_rows r join base.documents d using (document_no);

-- The budget of each agency as a tree: every item with its parent, what its children add up to, and its share of the
-- parent. One budget role a row, as in `pagu`; adding rows of one level within one agency and year is right, adding over
-- levels never is. `difference` is the children's sum less the item's own pagu, where all children speak of one role.
create view budget_tree as
with items as (
    select *, coalesce(region_code, document_id) as place,
           list_position(['urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan'], level) - 1 as depth,
           case level when 'kegiatan' then regexp_replace(code, '(\.[0-9]+){2}$', '')
                      when 'urusan' then null
                      else regexp_replace(code, '\.[0-9X]+$', '') end as parent_code
    from pagu
    where level in ('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan') and code is not null
),
sums as (
    select place, agency_key, "year", pagu_role, parent_code, depth - 1 as depth,
           sum(pagu)::decimal(24,6) as children_sum,
           count(*)::integer as n_children
    from items where parent_code is not null group by all
)
select
    i.region_code, i.region, i.agency, i.agency_key, i."year", i.depth::integer as depth, i.level, i.code, i.code_generic,
    i.code_comparable, i.parent_code, i.name, i.pagu, i.pagu_role, s.children_sum,
    coalesce(s.n_children, 0) as n_children, (s.children_sum - i.pagu)::decimal(24,6) as difference,
    round(100 * i.pagu / nullif(p.pagu, 0), 2)::double as share_of_parent,
    i.status, i.n_values, i.document, i.page, i.fact_id, i.document_id
from items i
left join sums s on (s.place, s.agency_key, s."year", s.pagu_role, s.parent_code, s.depth)
    is not distinct from (i.place, i.agency_key, i."year", i.pagu_role, i.code, i.depth)
left join items p on (p.place, p.agency_key, p."year", p.pagu_role, p.code, p.depth)
    is not distinct from (i.place, i.agency_key, i."year", i.pagu_role, i.parent_code, i.depth - 1);

-- One row an indicator and year: what was aimed at and what was reached, side by side. Targets of the year's own plan
-- come before those of the draft and of the multi-year plan; `target_role` says which it is.
create view indicators as
with kinerja as (
    select *, coalesce(region_code, document_id) as place,
           list_position(['target', 'kebutuhan', 'rancangan_awal', 'target_renstra'], role) as target_rank
    from comparable
    where quantity = 'kinerja' and indicator is not null and (period = 'tahun' or period is null) and account is null
)
select
    region_code, arg_min(region, fact_id) as region, arg_min(agency, fact_id) as agency, agency_key, "year", level,
    arg_min(code, fact_id) as code, code_generic, arg_min(code_comparable, fact_id) as code_comparable,
    arg_min(name, fact_id) as name, indicator,
    arg_min(value, target_rank) filter (target_rank is not null) as target,
    arg_min(value_text, target_rank) filter (target_rank is not null) as target_text,
    arg_min(role, target_rank) filter (target_rank is not null) as target_role,
    arg_min(unit, target_rank) filter (target_rank is not null) as unit,
    min(value) filter (role = 'realisasi') as realisasi,
    min(unit) filter (role = 'realisasi') as realisasi_unit,
    min(value) filter (role = 'tingkat_realisasi') as tingkat_realisasi,
    status_of(max(status_rank(status))) as status,
    list(distinct document_id order by document_id) as document_ids,
    list(fact_id order by fact_id) as fact_ids
from kinerja
group by region_code, place, agency_key, "year", level, code_generic, indicator;
