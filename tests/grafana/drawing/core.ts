// What Grafana's core does to the frames of a query before a panel sees them, with the parts it publishes.
import * as D from '@grafana/data';

export const ZONE = 'Europe/Paris';

const STANDARD = ['unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'thresholds', 'mappings', 'links', 'color'];
const CUSTOM = [
  // of tables
  ...['width', 'align', 'cellOptions', 'inspect', 'hideFrom.viz'],
  // of charts
  ...['drawStyle', 'lineInterpolation', 'lineWidth', 'lineStyle', 'fillOpacity', 'gradientMode', 'spanNulls', 'insertNulls'],
  ...['showPoints', 'pointSize', 'barAlignment', 'barWidthFactor', 'stacking', 'axisPlacement', 'axisLabel', 'axisColorMode'],
  ...['axisBorderShow', 'axisCenteredZero', 'scaleDistribution', 'thresholdsStyle', 'hideFrom'],
];

// `${__field.labels.…}` is the one variable that a panel's own texts use; links keep theirs until they are followed.
const inText = (text: string, field: D.Field) =>
  text.replace(/\$\{__field\.labels\.(\w+)\}/g, (all, name) => field.labels?.[name] ?? all);

function property(path: string, isCustom: boolean): any {
  const process = (value: any, context: any) =>
    path === 'displayName' && value != null ? inText(value, context.field) : value;
  return { id: isCustom ? `custom.${path}` : path, path, isCustom, name: path, process, shouldApply: () => true };
}

const registry = new (D as any).FieldConfigOptionsRegistry(() => [
  ...STANDARD.map((path) => property(path, false)),
  ...CUSTOM.map((path) => property(path, true)),
]);

// The defaults of each panel, which its plugin adds to what the dashboard says.
const SHOWN = { tooltip: false, viz: false, legend: false };
const GRAPH = {
  drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, gradientMode: 'none', barAlignment: 0,
  barWidthFactor: 0.6, spanNulls: false, insertNulls: false, showPoints: 'auto', pointSize: 5,
  stacking: { mode: 'none', group: 'A' }, axisPlacement: 'auto', axisLabel: '', axisColorMode: 'text', axisBorderShow: false,
  axisCenteredZero: false, scaleDistribution: { type: 'linear' }, hideFrom: SHOWN, thresholdsStyle: { mode: 'off' },
};
const DEFAULTS: Record<string, any> = {
  timeseries: { color: { mode: 'palette-classic' }, custom: GRAPH },
  barchart: { color: { mode: 'palette-classic' }, custom: { lineWidth: 1, fillOpacity: 80, hideFrom: SHOWN } },
  table: { color: { mode: 'thresholds' }, custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false } },
  stat: { color: { mode: 'thresholds' } },
  geomap: { color: { mode: 'thresholds' } },
  'state-timeline': { color: { mode: 'continuous-GrYlRd' }, custom: { lineWidth: 0, fillOpacity: 70 } },
  'status-history': { color: { mode: 'thresholds' }, custom: { lineWidth: 1, fillOpacity: 70 } },
};
export const THRESHOLDS = { mode: 'absolute', steps: [{ value: -Infinity, color: 'green' }, { value: 80, color: 'red' }] };

// JSON has no infinity: the first step is stored without a value.
const restored = (given: any) => given && { ...given, steps: given.steps.map((s: any) => ({ ...s, value: s.value ?? -Infinity })) };

function fieldConfig(panel: any): any {
  const base = DEFAULTS[panel.type] ?? {}, given = panel.fieldConfig?.defaults ?? {};
  const thresholds = restored(given.thresholds) ?? THRESHOLDS;
  const property = (p: any) => (p.id === 'thresholds' ? { ...p, value: restored(p.value) } : p);
  const overrides = (panel.fieldConfig?.overrides ?? []).map((o: any) => ({ ...o, properties: o.properties.map(property) }));
  return { defaults: { ...base, ...given, thresholds, custom: { ...base.custom, ...given.custom } }, overrides };
}

const published = new Map(Object.values(D.standardTransformers).map((t: any) => [t.id, t]));
D.standardTransformersRegistry.setInit(
  () => [...published.values()].map((t) => ({ id: t.id, name: t.name, transformation: async () => t })) as any
);

// Not among the published transformations.
function partition(frame: D.DataFrame, options: any): D.DataFrame[] {
  const by = frame.fields.find((f) => f.name === options.fields[0]);
  const rowsOf = (value: any) => by!.values.flatMap((v, row) => (v === value ? [row] : []));
  return [...new Set(by?.values ?? [])].map((value) => {
    const rows = rowsOf(value), labels = { [by!.name]: value };
    const kept = frame.fields.filter((f) => f !== by);
    const fields = kept.map((f) => ({
      ...f, labels: f.type === D.FieldType.time ? undefined : labels, values: rows.map((row) => f.values[row]),
    }));
    return D.createDataFrame({ refId: frame.refId, fields });
  });
}

async function transformed(panel: any, frames: D.DataFrame[]): Promise<D.DataFrame[]> {
  const steps = panel.transformations ?? [];
  if (steps[0]?.id === 'partitionByValues') return frames.flatMap((frame) => partition(frame, steps[0].options));
  if (!steps.length) return frames;
  return new Promise((done) => D.transformDataFrame(steps, frames).subscribe(done));
}

export async function framesOf(panel: any, raw: any[], theme: D.GrafanaTheme2): Promise<D.DataFrame[]> {
  const fields = (frame: any) => frame.fields.map((f: any) => ({ ...f, config: f.told ? { displayNameFromDS: f.told } : {} }));
  const frames = raw.map((frame) => D.createDataFrame({ refId: frame.refId, fields: fields(frame) }));
  const data = await transformed(panel, frames);
  const done = D.applyFieldOverrides({
    data, fieldConfig: fieldConfig(panel), fieldConfigRegistry: registry, replaceVariables: (text) => text, theme, timeZone: ZONE,
  });
  (D as any).cacheFieldDisplayNames(done);
  return done;
}
