-- document_pair: the same amount of money in two documents. One row of base.checks for each document and the one before
-- it (by year of issue, then edition) that speak of the same item, role and year. Findings only: no fact changes status.
insert into base.checks by name
with spoken as (
    -- what a document says of an item; where its own tables disagree it says nothing
    select
        d.region_code, agency_key_of(f.agency, f.agency_key, d.agency_key) as agency_key, f."level",
        coalesce(f.code_generic, f.nomenclature || ' ' || f.code) as item, f.account, f."year", f.period,
        case when f.role in ('target', 'kebutuhan', 'rancangan_awal') then 'target' else f.role end as role,
        f.document_id, d.document, d.doc_type, d.edition, d.fiscal_year,
        min(f.value) as value,
        arg_min(
            {'fact_id': f.fact_id, 'name': coalesce(f.name, f.name_raw, f.code, f.account), 'page': f.page, 'bbox': f.bbox},
            {'table': case f.table_kind when 'tc33' then 0 when 'tc31' then 1 else 2 end, 'page': f.page,
             'row': f.row_no, 'fact_id': f.fact_id}
        ) as place
    from base.facts f
    join base.documents d using (document_id)
    where /* within */ true and /* agencies */ true and f.quantity = 'anggaran' and f.unit = 'Rupiah' and f.value is not null and f."year" is not null
      and d.region_code is not null and d.duplicate_of is null and f.role <> 'harga_satuan'
      -- accounts and totals of an RKA or DPA are those of one kegiatan: without its code they name nothing
      and (f.code is not null or d.doc_type in ('lra', 'apbd', 'neraca')
           or (f.account is null and f."level" = 'perangkat_daerah' and d.doc_type not in ('rka', 'dpa')))
      and (agency_key_of(f.agency, f.agency_key, d.agency_key) is not null or d.doc_type in ('lra', 'apbd', 'neraca'))
    group by all
    having count(distinct f.value) = 1
),
beside as (
    select *, lag(spoken) over same as other
    from spoken
    window same as (
        partition by region_code, agency_key, "level", item, account, "year", period, role
        order by fiscal_year, case edition when 'rancangan' then 0 when 'pergeseran' then 2 when 'perubahan' then 3 else 1 end,
                 document_id
    )
)
select
    document_id,
    left(sha256('document_pair|' || other.place.fact_id || '|' || place.fact_id), 16) as check_id,
    'document_pair' as kind,
    place.name as subject,
    [place.fact_id, other.place.fact_id] as fact_ids,
    []::varchar[] as pins,
    place.page as page,
    place.bbox as bbox,
    role || ' ' || "year" || ' in ' || other.document || ' and ' || document as claim,
    other.value as expected,
    value as found,
    value - other.value as difference,
    case when abs(value - other.value) <= 1 then 'holds' else 'fails' end as verdict,
    case when abs(value - other.value) <= 1
         then 'Both documents print the same amount.'
         else document || ' prints another amount than ' || other.document
              || case when edition is distinct from other.edition then ' (another edition).'
                      when doc_type is distinct from other.doc_type then ' (another kind of document).' else '.' end
    end as explanation
from beside
where other is not null
