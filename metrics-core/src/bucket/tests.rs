use super::*;

/// The layouts that the tests go through: every schema, windows that together cover all exponents,
/// and declared bounds in every relation to native ones.
fn layouts() -> Vec<Layout> {
    let mut layouts = vec![Layout::timer(), Layout::histogram(), Layout::empty()];
    for schema in SCHEMAS {
        let octaves = (64_000 >> schema.max(0)).min(1_922);
        let mut lowest = if schema < 0 { -1_008 } else { *EXPONENTS.start() };
        while lowest < *EXPONENTS.end() {
            let highest = (lowest + octaves).min(*EXPONENTS.end());
            layouts.push(Layout::new(schema, lowest, highest, &[]).unwrap());
            lowest = highest;
        }
        layouts.push(Layout::new(schema, -30, 15, &declared()).unwrap());
    }
    layouts
}

/// 2^-30, the lower bound of the standard ranges. (`powi` promises no exact result.)
const LOWEST: f64 = 1.0 / (1_u64 << 30) as f64;

/// Bounds on the range's ends, on native bounds, next to them, alone in a bucket and many in one.
fn declared() -> Vec<f64> {
    let native = octave::bound(128);
    let mut bounds = vec![LOWEST, 1e-9, 0.1, 0.3, 0.5, 1.0, next_up(1.0), native];
    bounds.extend([next_down(native), next_up(native), 2.0, 2.5, 10.0, 32_768.0]);
    bounds.extend((0..50).map(|step| 1_000.0 + f64::from(step) / 8.0));
    bounds.sort_by(f64::total_cmp);
    bounds
}

// `f64::next_up` and `next_down` came with Rust 1.86.
fn next_up(value: f64) -> f64 {
    f64::from_bits(value.to_bits() + 1)
}

fn next_down(value: f64) -> f64 {
    f64::from_bits(value.to_bits() - 1)
}

/// Random bits, by xorshift.
fn random(count: usize) -> impl Iterator<Item = u64> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    })
}

/// A value at random: of all `f64`, or of those within the range of a layout and a little about it.
fn value_near(layout: &Layout, bits: u64) -> f64 {
    let any = f64::from_bits(bits);
    if bits % 8 == 0 || any.is_nan() {
        return any;
    }
    let (lower, upper) = layout.exponents();
    let exponent = lower - 2 + ((bits >> 3) % (upper - lower + 4) as u64) as i32;
    let exponent_field = (exponent.max(-1_023) + octave::EXPONENT_BIAS) as u64;
    f64::from_bits((exponent_field << 52) | (bits >> 12))
}

/// The upper bounds of all cells but the last, found without the bits of a value: the native ones
/// from their definition, the declared ones put among them.
fn upper_bounds(layout: &Layout) -> Vec<f64> {
    let (lowest, highest) = layout.exponents();
    let step = 1 << (8 - layout.schema());
    let native = (lowest * 256..=highest * 256).step_by(step).map(octave::bound);
    let mut bounds: Vec<f64> = native.chain(layout.bounds().iter().copied()).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    bounds
}

/// The naive twin of [`Layout::cell`].
fn cell_by_bounds(upper_bounds: &[f64], value: f64) -> Option<u32> {
    match value {
        value if !value.is_finite() => None,
        value if value < 0.0 => Some(0),
        value => Some(1 + upper_bounds.partition_point(|bound| *bound < value) as u32),
    }
}

#[test]
#[cfg_attr(miri, ignore = "minutes of arithmetic, without unsafe code")]
fn every_bound_ends_its_cell_and_the_next_value_begins_another() {
    for layout in layouts() {
        let bounds = upper_bounds(&layout);
        assert_eq!(layout.cells() as usize, bounds.len() + 2, "{layout:?}");
        for (index, bound) in bounds.iter().enumerate() {
            let cell = index as u32 + 1;
            assert_eq!(layout.cell(*bound), Some(cell), "{bound:e} in {layout:?}");
            assert_eq!(
                layout.cell(next_up(*bound)),
                Some(cell + 1),
                "above {bound:e} in {layout:?}"
            );
            let lower = next_down(*bound);
            assert_eq!(
                layout.cell(lower),
                cell_by_bounds(&bounds, lower),
                "{lower:e} in {layout:?}"
            );
            let below = index.checked_sub(1).map_or(0.0, |before| bounds[before]);
            assert_eq!(layout.cell_bounds(cell), (below, *bound), "{layout:?}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "minutes of arithmetic, without unsafe code")]
fn a_random_value_has_the_cell_whose_bounds_hold_it() {
    for layout in layouts() {
        let bounds = upper_bounds(&layout);
        let (range_lower, range_upper) = layout.range();
        for bits in random(2_000) {
            let value = value_near(&layout, bits);
            let cell = layout.cell(value);
            assert_eq!(cell, cell_by_bounds(&bounds, value), "{value:e} in {layout:?}");
            let has_native = range_lower < value && value <= range_upper;
            assert_eq!(
                layout.native_cell(value),
                cell.filter(|_| has_native),
                "{value:e} in {layout:?}"
            );
            if let Some(cell) = cell {
                let (lower, upper) = layout.cell_bounds(cell);
                let holds_lower = lower < value || (cell == ZERO && value == 0.0);
                assert!(holds_lower && value <= upper, "{value:e} in ({lower:e}, {upper:e}]");
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "minutes of arithmetic, without unsafe code")]
fn a_higher_value_never_has_a_lower_cell() {
    for layout in layouts() {
        let mut values: Vec<f64> = random(1_000).map(|bits| value_near(&layout, bits)).collect();
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        let cells: Vec<_> = values.iter().map(|value| layout.cell(*value)).collect();
        assert!(cells.is_sorted(), "{layout:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "minutes of arithmetic, without unsafe code")]
fn every_f64_outside_the_range_has_its_special_cell_or_none() {
    let subnormal = f64::from_bits(1);
    for layout in layouts() {
        let above = layout.cells() - 1;
        let (lower, upper) = layout.range();
        for (value, cell) in [
            (f64::NAN, None),
            (-f64::NAN, None),
            (f64::from_bits(u64::MAX), None),
            (f64::INFINITY, None),
            (f64::NEG_INFINITY, None),
            (f64::MIN, Some(0)),
            (-1.0, Some(0)),
            (-subnormal, Some(0)),
            (-0.0, Some(1)),
            (0.0, Some(1)),
            (subnormal, Some(1)),
            (f64::MIN_POSITIVE, Some(1)),
            (lower, Some(1)),
            (next_up(upper), Some(above)),
            (f64::MAX, Some(above)),
        ] {
            assert_eq!(layout.native_cell(value), None, "{value:e} in {layout:?}");
            assert_eq!(layout.cell(value), cell, "{value:e} in {layout:?}");
        }
        assert_eq!(layout.cell_bounds(0), (f64::NEG_INFINITY, 0.0));
        assert_eq!(layout.cell_bounds(1), (0.0, lower));
        assert_eq!(layout.cell_bounds(above), (upper, f64::INFINITY));
    }
}

#[test]
fn declared_bounds_on_native_ones_keep_the_fast_path() {
    let layout = Layout::new(5, -30, 15, &[LOWEST, 0.5, octave::bound(8), 32_768.0]).unwrap();
    assert!(layout.splits.is_none());
    assert_eq!(layout.limit, Layout::timer().limit);
    assert_eq!(layout.cells(), Layout::timer().cells());
    assert_eq!(layout.bounds().len(), 4);
    assert_ne!(layout, Layout::timer());
}

#[test]
fn the_standard_layouts_are_those_that_new_makes() {
    static TIMER: Layout = Layout::timer();
    assert_eq!(Ok(TIMER.clone()), Layout::new(5, -30, 15, &[]));
    assert_eq!(Ok(Layout::histogram()), Layout::new(5, -30, 34, &[]));
    assert_eq!((TIMER.schema(), TIMER.exponents(), TIMER.bounds()), (5, (-30, 15), &[][..]));
    assert_eq!(TIMER.range(), (LOWEST, 32_768.0));
    assert_eq!(TIMER.cells(), 3 + 45 * 32);
    assert_eq!((Layout::empty().cells(), Layout::empty().range()), (3, (1.0, 1.0)));
}

#[test]
fn a_coarse_schema_widens_the_range_to_whole_buckets() {
    for (schema, asked, given, cells) in [
        (0, (-30, 15), (-30, 15), 45),
        (-1, (-30, 15), (-30, 16), 23),
        (-3, (-30, 15), (-32, 16), 6),
        (-4, (-30, 15), (-32, 16), 3),
        (-4, (1, 2), (0, 16), 1),
        (-4, (-1008, 900), (-1008, 912), 120),
    ] {
        let layout = Layout::new(schema, asked.0, asked.1, &[]).unwrap();
        assert_eq!(layout.exponents(), given);
        assert_eq!(layout.cells(), cells + SPECIAL_CELLS);
        assert_eq!(Layout::new(schema, given.0, given.1.min(900), &[]), Ok(layout));
    }
}

#[test]
#[cfg_attr(miri, ignore = "minutes of arithmetic, without unsafe code")]
fn a_coarser_schema_holds_whole_buckets_of_a_finer_one() {
    for schema in -4..8 {
        let [coarse, fine] =
            [schema, schema + 1].map(|schema| Layout::new(schema, -32, 32, &[]).unwrap());
        for cell in FIRST_NATIVE..fine.cells() - 1 {
            let upper = fine.cell_bounds(cell).1;
            assert_eq!(coarse.native_cell(upper), Some((cell - FIRST_NATIVE) / 2 + FIRST_NATIVE));
        }
    }
}

fn assert_refused(layout: Result<Layout, Error>, says: &str) {
    let error = layout.unwrap_err();
    assert!(error.is_invalid());
    assert_eq!(error.to_string(), says);
}

#[test]
fn a_refused_range_names_the_value_and_the_remedy() {
    for (schema, min_exponent, max_exponent, says) in [
        (9, -30, 15, "histogram schema 9 is unknown: use -4 (coarse) to 8 (fine)"),
        (-5, -30, 15, "histogram schema -5 is unknown: use -4 (coarse) to 8 (fine)"),
        (5, -1023, 15, "min_exponent -1023 is out of range: use -1022 to 900"),
        (5, -30, 901, "max_exponent 901 is out of range: use -1022 to 900"),
        (5, i32::MIN, i32::MAX, "min_exponent -2147483648 is out of range: use -1022 to 900"),
        (5, 7, 7, "the histogram range 2^7..=2^7 is empty: raise max_exponent above 7"),
        (5, 8, 7, "the histogram range 2^8..=2^7 is empty: raise max_exponent above 8"),
        (
            -4,
            -1022,
            15,
            "min_exponent -1022 lies inside a bucket of schema -4 that begins below 2^-1022: use at least -1008",
        ),
        (
            8,
            -1022,
            900,
            "a histogram of schema 8 over 2^-1022..=2^900 takes 492035 cells: lower the schema or narrow \
             the range to stay within 65536",
        ),
    ] {
        assert_refused(Layout::new(schema, min_exponent, max_exponent, &[]), says);
    }
}

#[test]
fn a_refused_bound_names_the_value_and_the_remedy() {
    let many: Vec<f64> = (1..=257).map(f64::from).collect();
    let refusals: [(&[f64], &str); 10] = [
        (&many, "257 bucket bounds are declared: declare at most 256"),
        (&[1.0, f64::NAN], "NaN is not finite: remove it (a bucket up to +Inf is always there)"),
        (
            &[1.0, f64::INFINITY],
            "inf is not finite: remove it (a bucket up to +Inf is always there)",
        ),
        (&[0.0], "0.0 is not above zero: remove it (negatives have a cell of their own)"),
        (&[-1.0, 1.0], "-1.0 is not above zero: remove it (negatives have a cell of their own)"),
        (&[0.5, 0.5], "0.5 follows 0.5: sort the bounds and give each one once"),
        (
            &[1e-12],
            "1e-12 is below the range, which begins at 2^-30: widen the range to 2^-40 or remove the bound",
        ),
        (
            &[1.0, 86_400.0],
            "86400.0 is above the range, which ends at 2^15: widen the range to 2^17 or remove the bound",
        ),
        (
            &[1e300],
            "1e300 is above the range, which ends at 2^15: remove it (no range goes that far)",
        ),
        (
            &[1e-310],
            "1e-310 is below the range, which begins at 2^-30: remove it (no range goes that far)",
        ),
    ];
    for (bounds, says) in refusals {
        let subject = if bounds.len() > Layout::MAX_BOUNDS { "" } else { "bucket bound " };
        assert_refused(Layout::new(5, -30, 15, bounds), &format!("{subject}{says}"));
    }
}

#[test]
fn the_remedy_for_a_bound_outside_the_range_takes_it_in() {
    for (bound, min_exponent, max_exponent) in
        [(65_536.0, -30, 16), (65_537.0, -30, 17), (0.125, -3, 2), (0.12, -4, 2)]
    {
        assert!(Layout::new(5, min_exponent, max_exponent, &[bound]).is_ok());
        let (lowest, highest) = octave::exponents_about(bound);
        assert!(lowest == min_exponent || highest == max_exponent);
    }
}

#[test]
#[cfg_attr(miri, ignore = "minutes of arithmetic, without unsafe code")]
fn the_most_cells_are_65_536() {
    // 255 octaves at schema 8 and the special cells make 65,283; 253 declared bounds fill it up.
    let bound = |step: u32| (1_u128 << 100) as f64 * (1.0 + f64::from(step) / 1024.0 + 1e-9);
    let bounds: Vec<f64> = (0..254).map(bound).collect();
    assert_eq!(Layout::new(8, -100, 155, &bounds[..253]).unwrap().cells(), Layout::MAX_CELLS);
    let error = Layout::new(8, -100, 155, &bounds).unwrap_err();
    assert!(error.to_string().contains("takes 65537 cells"), "{error}");
}

#[test]
#[should_panic(expected = "cell 3 of a histogram that has 3")]
fn bounds_of_a_cell_that_is_not_there_panic() {
    let _ = Layout::empty().cell_bounds(3);
}
