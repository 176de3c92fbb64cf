/** A grid of which only the rows in sight are in the page; it is walked by keys, and its rows can be chosen. */

// biome-ignore-all lint/a11y/useSemanticElements: the elements of a table know nothing of rows that are not in the page
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is on rows, and on what can be pressed in a cell

import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import {
  type AriaAttributes,
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { type Following, NotLoaded } from "./following";
import { type Choosing, useChoosing } from "./grid-choice";
import { rowOf, useGridKeys } from "./grid-keys";
import { useDrawnRows } from "./grid-rows";
import { useKeptPlace } from "./kept-place";

/** How many rows before the end of what is loaded the next page is asked for: it is there before one gets there. */
const AHEAD = 150;
const OVERSCAN = 6;

export interface GridProps<T> extends Choosing, Following {
  name: string;
  className: string;
  rowClassName: string;
  /** The height of each row in pixels, as the style sheet has it; where rows are measured, about how high they are. */
  rowHeight: number;
  measured?: boolean;
  /** The row of column headers, and its height. */
  head?: { height: number; draw: (choice: ReactNode) => ReactNode };
  items: T[];
  keyOf: (item: T) => string;
  labelOf: (item: T) => string;
  /** The cells of a row. Keep it the same function while rows look the same: a new one draws all rows anew. */
  draw: (item: T, choice: ReactNode) => ReactNode;
  onAction?: (item: T) => void;
  empty: ReactNode;
}

export function Grid<T extends object>(props: GridProps<T>) {
  const { name, className, rowClassName, measured, head, items, keyOf, labelOf, draw, chosen, onChoose } = props;
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const kept = useKeptPlace(() => ({ top: virtualizer.scrollOffset ?? 0, row: current }));
  /** The key of the row that has the focus, or had it last. */
  const [current, setCurrent] = useState(kept.row);
  const keys = useMemo(() => items.map(keyOf), [items, keyOf]);
  const at = useMemo(() => (current === undefined ? -1 : keys.indexOf(current)), [keys, current]);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    getItemKey: useCallback((index: number) => keys[index] ?? index, [keys]),
    estimateSize: () => props.rowHeight,
    initialOffset: kept.top,
    overscan: OVERSCAN,
    scrollMargin: head?.height ?? 0,
    scrollPaddingStart: head?.height ?? 0,
    // The row that has the focus stays in the page, so that the focus is not lost.
    rangeExtractor: (range) => withRow(at, range.count, defaultRangeExtractor(range)),
  });
  const rows = virtualizer.getVirtualItems();
  const drawn = useDrawnRows(rows, keys, current, Boolean(measured), virtualizer);
  // Nothing is moved in the document: at rest `aria-owns` says the order to who has the rows read out.
  const order = virtualizer.isScrolling ? undefined : drawn.map(({ slot }) => id + slot).join(" ");
  const inDocument = measured ? drawn : drawn.toSorted((one, other) => one.slot - other.slot);
  useLoadingAhead(virtualizer.range?.endIndex ?? 0, props);
  const choosing = useChoosing(keys, props);
  const onKeyDown = useGridKeys({ ...props, box, keys, at, setCurrent, virtualizer, choosing });

  function click({ target, shiftKey }: { target: EventTarget; shiftKey: boolean }) {
    if (!(target instanceof HTMLElement)) return;
    const key = rowOf(box.current, target)?.dataset.key;
    const item = key === undefined ? undefined : items[keys.indexOf(key)];
    if (key === undefined || !item) return;
    const control = target.closest("input, button, a, label");
    if (control instanceof HTMLInputElement) choosing.choose(key, shiftKey);
    else if (!control && onChoose && (chosen?.size || !props.onAction)) choosing.choose(key, shiftKey);
    else if (!control) props.onAction?.(item);
  }

  const first = keys[rows[0]?.index ?? 0];
  const count = keys.length + (head ? 1 : 0);
  return (
    <div
      ref={box}
      role="grid"
      aria-label={name}
      aria-rowcount={props.onLoadMore ? -1 : count}
      aria-multiselectable={onChoose && true}
      className={className}
      tabIndex={-1}
      onClick={click}
      onKeyDown={onKeyDown}
      onFocus={({ target }) => setCurrent((before) => rowOf(box.current, target)?.dataset.key ?? before)}
    >
      {head && (
        <div role="row" aria-rowindex={1} className="grid-head">
          {head.draw(onChoose && <ChooseAll chosen={choosing.chosenCount} of={keys.length} onPress={choosing.all} />)}
        </div>
      )}
      {items.length === 0 && (
        <div role="row">
          <Cell>{props.empty}</Cell>
        </div>
      )}
      <div
        role="rowgroup"
        className="grid-rows"
        style={{ height: virtualizer.getTotalSize() }}
        aria-owns={measured ? undefined : order}
      >
        {inDocument.map(({ index, key, start, slot }) => {
          const item = items[index];
          return (
            item && (
              <GridRow
                key={measured ? key : slot}
                id={measured ? undefined : id + slot}
                of={key}
                index={index}
                position={index + (head ? 2 : 1)}
                top={start - (head?.height ?? 0)}
                className={rowClassName}
                item={item}
                label={labelOf(item)}
                draw={draw as GridProps<object>["draw"]}
                chosen={onChoose && chosen?.has(key)}
                tabbed={key === (at < 0 ? first : current)}
                measure={measured ? virtualizer.measureElement : undefined}
              />
            )
          );
        })}
      </div>
      {props.isLoading && (
        <div role="row">
          <Cell className="grid-loading">Loading more …</Cell>
        </div>
      )}
      {props.failed && (
        <div role="row">
          <Cell>
            <NotLoaded {...props} />
          </Cell>
        </div>
      )}
    </div>
  );
}

interface RowProps {
  id: string | undefined;
  of: string;
  index: number;
  position: number;
  top: number;
  className: string;
  item: object;
  label: string;
  draw: GridProps<object>["draw"];
  /** Undefined where rows cannot be chosen. */
  chosen: boolean | undefined;
  tabbed: boolean;
  measure?: (row: HTMLElement | null) => void;
}

const GridRow = memo(function GridRow({ of, index, item, label, draw, chosen, tabbed, ...rest }: RowProps) {
  const choice = chosen !== undefined && <Choice name={`Select ${label}`} chosen={chosen} />;
  return (
    <div
      ref={rest.measure}
      id={rest.id}
      role="row"
      data-key={of}
      data-index={index}
      aria-rowindex={rest.position}
      aria-label={label}
      aria-selected={chosen}
      className={rest.className}
      style={{ top: rest.top }}
      tabIndex={tabbed ? 0 : -1}
    >
      {draw(item, choice)}
    </div>
  );
});

export function Cell({ role = "gridcell", ...props }: CellProps) {
  return <div role={role} {...props} />;
}

interface CellProps {
  role?: "gridcell" | "rowheader" | "columnheader";
  className?: string;
  children: ReactNode;
  "aria-sort"?: AriaAttributes["aria-sort"];
}

/** The box of a row; the grid hears of its clicks. */
function Choice({ name, chosen }: { name: string; chosen: boolean }) {
  return (
    <label className="choice-box">
      <input type="checkbox" aria-label={name} checked={chosen} readOnly tabIndex={-1} />
    </label>
  );
}

function ChooseAll({ chosen, of, onPress }: { chosen: number; of: number; onPress: () => void }) {
  return (
    <label className="choice-box">
      <input
        ref={(box) => {
          if (box) box.indeterminate = chosen > 0 && chosen < of;
        }}
        type="checkbox"
        aria-label="Select All"
        checked={of > 0 && chosen === of}
        onChange={onPress}
        tabIndex={-1}
      />
    </label>
  );
}

function withRow(index: number, count: number, range: number[]): number[] {
  if (index < 0 || index >= count || range.includes(index)) return range;
  return [...range, index].sort((one, other) => one - other);
}

function useLoadingAhead(
  end: number,
  { items, isLoading, onLoadMore }: Pick<GridProps<object>, "items" | "isLoading" | "onLoadMore">,
) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: after a failure only scrolling asks again
  useEffect(() => {
    if (!isLoading && end >= items.length - AHEAD) onLoadMore?.();
  }, [end, items.length]);
}
