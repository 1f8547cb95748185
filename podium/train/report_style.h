#pragma once
#include <string_view>

namespace podium::train {
/// The style sheet of report.html. svg.h names the classes that its charts want.
inline constexpr std::string_view kReportStyle = R"(
:root { color-scheme: light dark; --page: #f5f6f8; --card: #ffffff; --text: #1b1f27; --soft: #5b6472; --grid: #e3e6eb;
  --one: #2563c9; --two: #c2570c; --three: #0f8a6b; --faint: #a3abb8; --good: #0f7a4f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #14161a; --card: #1e2127; --text: #e8eaee; --soft: #a0a8b5;
  --grid: #343943; --one: #74a7ff; --two: #f59e5b; --three: #4fd1ae; --faint: #6b7482; --good: #5fd39c; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 20px 14px 48px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 4px; }
p { margin: 4px 0 12px; color: var(--soft); font-size: .9rem; }
.grid { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); margin-top: 14px; }
.card { background: var(--card); border: 1px solid var(--grid); border-radius: 10px; padding: 14px; min-width: 0; }
.wide { grid-column: 1 / -1; }
.tiles { display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); margin-top: 16px; }
.tile { background: var(--card); border: 1px solid var(--grid); border-radius: 10px; padding: 10px 12px; min-width: 0; }
.tile b { display: block; font-size: 1.45rem; line-height: 1.25; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tile span { display: block; color: var(--soft); font-size: .8rem; }
.verdict { margin: 14px 0 0; padding: 10px 14px; border-left: 4px solid var(--faint); background: var(--card);
  border-radius: 0 10px 10px 0; color: var(--text); font-size: 1rem; }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 500; }
td small { display: block; color: var(--soft); }
td.number small { white-space: nowrap; }
tr.model td { font-weight: 600; } tr.model small { font-weight: 400; }
td.key { color: var(--soft); width: 40%; } td.text { overflow-wrap: anywhere; }
pre { margin: 0; overflow-x: auto; font: .8rem/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
svg { display: block; width: 100%; max-width: 520px; height: auto; margin: 0 auto; }
svg text { font-size: 12px; fill: var(--soft); } svg .name { fill: var(--text); } svg .value { fill: var(--text); }
svg .grid { stroke: var(--grid); } svg .axis { stroke: var(--faint); }
svg .range { stroke: var(--soft); }
svg line.faint { stroke: var(--faint); stroke-dasharray: 4 4; }
svg .line { fill: none; stroke-width: 2; }
svg .line.one { stroke: var(--one); } svg .line.two { stroke: var(--two); } svg .line.three { stroke: var(--three); }
svg .line.faint { stroke: var(--faint); stroke-width: 1; stroke-dasharray: none; }
svg .dot.one, svg .bar.one { fill: var(--one); } svg .dot.two, svg .bar.two { fill: var(--two); }
svg .dot.three, svg .bar.three { fill: var(--three); } svg .dot.faint, svg .bar.faint { fill: var(--faint); }
)";
}  // namespace podium::train
