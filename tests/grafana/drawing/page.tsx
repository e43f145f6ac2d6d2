// One dashboard on one page, on Grafana's grid. `?drawn=NAME&theme=light` reads NAME.json: it, and what each panel is shown.
import * as D from '@grafana/data';
import * as U from '@grafana/ui';
import { createRoot } from 'react-dom/client';

import { framesOf } from './core';
import { PANELS } from './panels';

const [WIDTH, CELL, GAP] = [1600, 30, 8];
const NOTHING = { frames: [], from: 0, to: 0 };
const asked = new URLSearchParams(location.search);
const theme = D.createTheme({ colors: { mode: asked.get('theme') === 'dark' ? 'dark' : 'light' } });

function placed({ x, y, w, h }: any): any {
  const unit = (WIDTH - GAP) / 24;
  return { position: 'absolute', left: GAP + x * unit, top: y * (CELL + GAP), width: w * unit - GAP, height: h * (CELL + GAP) - GAP };
}

async function box(panel: any, shown: any) {
  const style = placed(panel.gridPos);
  if (panel.type === 'row') return <h4 key={panel.id} style={style}>{panel.title}</h4>;
  const Kind = PANELS[panel.type], frames = await framesOf(panel, shown.frames, theme);
  const between = { from: D.dateTime(shown.from), to: D.dateTime(shown.to) }, range = { ...between, raw: between };
  return (
    <div key={panel.id} style={style} data-panel={panel.id}>
      <U.PanelChrome title={panel.title} description={panel.description} width={style.width} height={style.height}>
        {(width, height) => <Kind {...{ panel, frames, width, height, range, theme }} />}
      </U.PanelChrome>
    </div>
  );
}

async function main() {
  const { board, shown } = await (await fetch(`${asked.get('drawn')}.json`)).json();
  const boxes = await Promise.all(board.panels.map((panel: any) => box(panel, shown[panel.id] ?? NOTHING)));
  const height = Math.max(...board.panels.map(({ gridPos: { y, h } }: any) => y + h)) * (CELL + GAP);
  const { colors, typography } = theme;
  const style: any = { background: colors.background.canvas, color: colors.text.primary, fontFamily: typography.fontFamily, fontSize: 14, height, position: 'relative', width: WIDTH + GAP };
  createRoot(document.getElementById('root')!).render(
    <D.ThemeContext.Provider value={theme}>
      <U.GlobalStyles isExtensionSidebarOpen={false} />
      <div id="board" style={style}>{boxes}</div>
    </D.ThemeContext.Provider>
  );
}

main();
