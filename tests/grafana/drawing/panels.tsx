// The panels. Stat, time series, table and text are Grafana's own; bars, states and the map, which it does not
// publish, are drawn here from the texts and colours that its own code gives, at the sizes of its own defaults.
import * as D from '@grafana/data';
import * as U from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';

import { THRESHOLDS, ZONE } from './core';

type Props = { panel: any; frames: D.DataFrame[]; width: number; height: number; range: D.TimeRange; theme: D.GrafanaTheme2 };

const words = (field: D.Field, value: any) => D.formattedValueToString(field.display!(value));
const nothing = (panel: any) => <div data-nothing>{panel.fieldConfig?.defaults?.noValue}</div>;

function Stat({ panel, frames, width, height, theme }: Props) {
  const o = panel.options;
  const values = D.getFieldDisplayValues({
    fieldConfig: { defaults: { ...panel.fieldConfig.defaults, thresholds: THRESHOLDS }, overrides: [] } as any,
    data: frames, reduceOptions: o.reduceOptions, replaceVariables: (text: string) => text, sparkline: o.graphMode !== 'none',
    theme, timeZone: ZONE,
  });
  const one = (p: any) => (
    <U.BigValue {...p} value={p.value.display} sparkline={p.value.sparkline} theme={theme} colorMode={o.colorMode}
      graphMode={o.graphMode} justifyMode={o.justifyMode} textMode={o.textMode}
      alignmentFactors={D.getDisplayValueAlignmentFactors(values)} />
  );
  return <U.VizRepeater autoGrid getValues={() => values} renderValue={one} orientation={o.orientation} source={frames}
    renderCounter={0} width={width} height={height} />;
}

function Series({ panel, frames, width, height, range }: Props) {
  return <U.TimeSeries frames={frames} width={width} height={height} timeRange={range} timeZone={ZONE}
    legend={panel.options.legend} options={panel.options} />;
}

function Table({ panel, frames, width, height, range }: Props) {
  if (!frames[0]?.length) return nothing(panel);
  return <TableNG data={frames[0]} width={width} height={height} timeRange={range} cellHeight={panel.options.cellHeight}
    fieldConfig={panel.fieldConfig} structureRev={1} enableVirtualization getActions={() => []} />;
}

const Text = ({ panel }: Props) => (
  <div className="markdown-html" dangerouslySetInnerHTML={{ __html: D.renderMarkdown(panel.options.content) }} />
);

function Legend({ items }: { items: Array<[string, string]> }) {
  const swatch = (color: string) => ({ background: color, display: 'inline-block', height: 4, marginRight: 4, width: 14 });
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', fontSize: 12, gap: '2px 12px', padding: 4 }}>
      {items.map(([text, color]) => <span key={text}><span style={swatch(color)} />{text}</span>)}
    </div>
  );
}

function Label({ x, y, end, theme, children, ...rest }: any) {
  const anchor = end ? 'end' : 'middle';
  return <text x={x} y={y} dominantBaseline="middle" textAnchor={anchor} fontSize={12} fill={theme.colors.text.primary} {...rest}>{children}</text>;
}

function Bars({ panel, frames, width, height, theme }: Props) {
  const [frame] = frames, o = panel.options;
  if (!frame?.length) return nothing(panel);
  const across = frame.fields.find((f) => f.name === o.xField)!, level = o.orientation === 'horizontal';
  const parts = frame.fields.filter((f) => f !== across && !f.config.custom?.hideFrom?.viz);
  const colour = (f: D.Field) => D.getFieldSeriesColor(f, theme).color;
  const inner = height - 46, margin = level ? Math.min(width * 0.35, 420) : 22;
  const long = level ? width - margin - 8 : inner - margin, band = (level ? inner : width) / frame.length;
  const thick = band * o.barWidth * o.groupWidth;
  const drawn = across.values.map((value, row) => {
    const total = parts.reduce((sum, f) => sum + (f.values[row] ?? 0), 0), side = row * band + (band - thick) / 2;
    let at = 0;
    const bar = parts.map((f) => {
      const length = (long * (f.values[row] ?? 0)) / total, told = words(f, f.values[row]);
      const [x, y, w, h] = level ? [margin + at, side, length, thick] : [side, long - at - length, thick, length];
      at += length;
      const fits = w > told.length * 7 + 2 && h > 12;
      return (
        <g key={f.name}>
          <rect x={x} y={y} width={w} height={h} fill={colour(f)} fillOpacity={(f.config.custom?.fillOpacity ?? 80) / 100} stroke={colour(f)} />
          {fits && <Label x={x + w / 2} y={y + h / 2} theme={theme}>{told}</Label>}
        </g>
      );
    });
    const place = level ? { x: margin - 6, y: side + thick / 2, end: true } : { x: side + thick / 2, y: inner - 8 };
    return <g key={row}>{bar}<Label {...place} theme={theme}>{words(across, value)}</Label></g>;
  });
  const legend = parts.map((f) => [D.getFieldDisplayName(f, frame, frames), colour(f)] as [string, string]);
  return <><svg width={width} height={inner}>{drawn}</svg>{o.legend.showLegend && <Legend items={legend} />}</>;
}

function States({ panel, frames, width, height, range, theme }: Props) {
  const o = panel.options, history = panel.type === 'status-history';
  const all = frames.flatMap((frame) => {
    const time = frame.fields.find((f) => f.type === D.FieldType.time)!;
    return frame.fields.filter((f) => f !== time).map((field) => ({ field, time, name: D.getFieldDisplayName(field, frame, frames) }));
  });
  const rows = all.slice(0, o.perPage), pages = Math.ceil(all.length / o.perPage);
  if (!rows.length) return nothing(panel);
  const margin = Math.min(width * 0.4, Math.max(...rows.map((r) => r.name.length)) * 6.5 + 50), inner = height - (o.legend.showLegend ? 70 : 46);
  const [from, to] = [range.from.valueOf(), range.to.valueOf()], band = inner / rows.length, thick = band * o.rowHeight;
  const at = (t: number) => margin + ((t - from) / (to - from)) * (width - margin - 40);
  const times = [...new Set(rows.flatMap((r) => r.time.values))].sort((a, b) => a - b);
  const step = at(Math.min(...times.slice(1).map((t, i) => t - times[i]))) - at(0);
  const legend = new Map<string, string>();
  const cells = rows.map(({ field, time, name }, row) => {
    const custom = field.config.custom ?? {}, made = [];
    const broken = (i: number) => custom.insertNulls && time.values[i] - time.values[i - 1] > custom.insertNulls;
    for (let i = 0, next; i < field.values.length; i = next) {
      for (next = i + 1; !history && o.mergeValues && field.values[next] === field.values[i] && !broken(next); ) next++;
      if (field.values[i] == null) continue;
      const shown = field.display!(field.values[i]), told = D.formattedValueToString(shown);
      legend.set(told, shown.color!);
      const end = next < field.values.length ? (broken(next) ? time.values[next - 1] + 1 : time.values[next]) : to;
      const wide = history ? step * o.colWidth : at(end) - at(time.values[i]), x = at(time.values[i]) - (history ? wide / 2 : 0);
      const fits = told.length * 6.5 < wide, ink = theme.colors.getContrastText(shown.color!, 3);
      made.push(
        <g key={i}>
          <rect x={x} y={row * band + (band - thick) / 2} width={Math.max(0.5, wide)} height={thick} fill={shown.color} fillOpacity={(custom.fillOpacity ?? 70) / 100} />
          {(o.showValue === 'always' || fits) && <Label x={x + wide / 2} y={(row + 0.5) * band} theme={theme} fill={ink}>{told}</Label>}
        </g>
      );
    }
    return <g key={row}>{made}<Label x={margin - 46} y={(row + 0.5) * band} end theme={theme}>{name}</Label></g>;
  });
  const ticks = [...Array(8)].map((_, i) => from + ((i + 0.5) / 8) * (to - from));
  return (
    <>
      <svg width={width} height={inner + 20}>
        {cells}
        {ticks.map((t) => <Label key={t} x={at(t)} y={inner + 10} theme={theme}>{D.dateTimeFormat(t, { timeZone: ZONE, format: 'DD/MM' })}</Label>)}
      </svg>
      {pages > 1 && <div style={{ textAlign: 'center' }}>1 / {pages}</div>}
      {o.legend.showLegend && <Legend items={[...legend]} />}
    </>
  );
}

function Places({ panel, frames, width, height }: Props) {
  const [frame] = frames, { view, layers: [{ config: { style } }] } = panel.options;
  if (!frame?.length) return nothing(panel);
  const named = (name: string) => frame.fields.find((f) => f.name === name)!;
  const world = 256 * 2 ** view.zoom, east = (lon: number) => (lon / 360) * world;
  const south = (lat: number) => (-Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)) * world;
  const [value, told] = [named(style.color.field), named(style.text.field)];
  return (
    <svg width={width} height={height} style={{ background: '#dde6ea' }}>
      {value.values.map((v, i) => {
        const x = width / 2 + east(named('longitude').values[i]) - east(view.lon), y = height / 2 + south(named('latitude').values[i]) - south(view.lat);
        const { offsetX, offsetY, fontSize } = style.textConfig;
        return (
          <g key={i}>
            <circle cx={x} cy={y} r={style.size.fixed / 2} fill={value.display!(v).color} fillOpacity={style.opacity} />
            <text x={x + offsetX} y={y + offsetY} dominantBaseline="middle" textAnchor="middle" fontSize={fontSize}>{words(told, told.values[i])}</text>
          </g>
        );
      })}
    </svg>
  );
}

export const PANELS: Record<string, (props: Props) => any> = {
  barchart: Bars, geomap: Places, stat: Stat, table: Table, text: Text, timeseries: Series,
  'state-timeline': States, 'status-history': States,
};
